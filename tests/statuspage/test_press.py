"""Rendering one view after another gives what rendering each alone gives."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from monitor.domain.availability import Seconds
from monitor.domain.interval import Second
from monitor.domain.public import PublicView
from statuspage.render import Press, render
from tests.statuspage.builders import THURSDAY, component, service, view
from tests.statuspage.company import SCENES

MINUTES = 6


def test_it_keeps_nothing_of_a_view_that_another_one_contradicts() -> None:
    press = Press()
    for name in (*SCENES, *reversed(SCENES)):
        said = replace(SCENES[name](), at=THURSDAY)
        assert press.render(said) == render(said)


def test_a_day_that_changes_is_drawn_anew() -> None:
    press = Press()
    for down in (0, 60, 0, 3600):
        happened = {"2026-04-10": Seconds(down=down)} if down else {}
        said = view(service("s", "S", component("a", "A", happened=happened)))
        assert press.render(said) == render(said)


def test_the_home_page_tells_its_age_at_every_rendering() -> None:
    press = Press()
    for said in _minutes():
        assert press.render(said)["/es/"] == render(said)["/es/"]


def test_no_page_looks_older_than_what_may_be_called_fresh() -> None:
    press, views = Press(), _minutes()
    alone = [render(said) for said in views]
    for now, said in enumerate(views):
        for path, page in press.render(said).items():
            recent = [
                alone[then][path]
                for then in range(now + 1)
                if said.at - views[then].at <= said.stale_after
            ]
            assert page in recent


def test_a_page_of_which_nothing_changes_stays_the_same_for_a_while() -> None:
    press = Press()
    made = [press.render(said)["/componente/web1"] for said in _minutes()]
    kept = sum(one == other for one, other in pairwise(made))
    assert 1 <= kept < MINUTES - 1


def _minutes() -> list[PublicView]:
    """The same, minute by minute."""
    said = SCENES["all-well"]()
    return [replace(said, at=Second(said.at + 60 * minute)) for minute in range(MINUTES)]
