"""Rendering one view after another gives what rendering each alone gives."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.domain.availability import Seconds
from monitor.domain.time.interval import Second
from monitor.i18n.formats import clock_time
from statuspage.parts.placeholders import placeholders_in
from statuspage.publish.render import PageRenderer, render
from statuspage.publish.rendered import CALENDAR, JSON, PNG
from statuspage.view.model import PublicView
from tests.statuspage.builders import THURSDAY, component, service, view
from tests.statuspage.company import SCENES
from tests.statuspage.reading import Document, old_form
from tests.support.clock import second

MINUTES = 6


def test_it_keeps_nothing_of_a_view_that_another_one_contradicts() -> None:
    press = PageRenderer()
    for name in (*SCENES, *reversed(SCENES)):
        said = replace(SCENES[name](), at=THURSDAY)
        assert press.render(said) == render(said)


def test_a_day_that_changes_is_drawn_anew() -> None:
    press = PageRenderer()
    for down in (0, 60, 0, 3600):
        happened = {"2026-04-10": Seconds(down=down)} if down else {}
        said = view(service("s", "S", component("a", "A", happened=happened)))
        assert press.render(said) == render(said)


def test_the_home_page_tells_its_age_at_every_rendering() -> None:
    press = PageRenderer()
    for said in _minutes():
        assert press.render(said)["/es/"] == render(said)["/es/"]


def test_it_gives_minute_by_minute_what_each_view_alone_gives() -> None:
    press = PageRenderer()
    for said in _minutes():
        assert press.render(said) == render(said)


def test_it_gives_across_midnight_and_the_months_end_what_each_view_alone_gives() -> None:
    press = PageRenderer()
    lost = {"2026-04-10": Seconds(down=60), "2026-04-30": Seconds(down=30)}
    for clock in ("30T23:58", "30T23:59", "01T00:00", "01T00:01", "02T00:00"):
        month = 4 if clock.startswith("30") else 5
        now = second(f"2026-{month:02}-{clock}:00-03:00")
        members = [
            component("a", "A", happened=lost, now=now),
            component("b", "B", now=now, created_at=second("2026-04-30T12:00:00-03:00")),
        ]
        said = view(service("s", "S", *members), now=now)
        assert press.render(said) == render(said)


FALLS = st.sampled_from([None, ("2026-04-10", 60), ("2026-04-10", 3_600), ("2026-04-16", 400)])


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(FALLS, FALLS, FALLS, st.integers(0, 2)), min_size=2, max_size=5))
def test_any_sequence_of_changes_gives_what_each_view_alone_gives(
    steps: list[tuple[tuple[str, int] | None, tuple[str, int] | None, tuple[str, int] | None, int]],
) -> None:
    """Days change and come back, and members change their service."""
    press = PageRenderer()
    for minute, (*falls, split) in enumerate(steps):
        members = [
            component(name, name.upper(), happened={f[0]: Seconds(down=f[1])} if f else {})
            for name, f in zip("abc", falls, strict=True)
        ]
        groups = (service("s", "S", *members[split:]), service("t", "T", *members[:split]))
        said = view(*(one for one in groups if one.components), now=Second(THURSDAY + 60 * minute))
        assert press.render(said) == render(said)


def test_a_minute_changes_no_page_but_the_home_page_and_the_api() -> None:
    first, second = (render(said) for said in _minutes()[:2])
    changed = {path for path, page in second.items() if page.fresh != first[path].fresh}
    assert changed == {"/", "/es/", "/en/"} | {p for p in second if p.startswith("/api/")}
    assert [path for path, page in second.items() if page.stale != first[path].stale] == []


def test_a_minute_changes_no_page_of_a_component_that_is_new() -> None:
    """Its first result came a minute after its configuration: it has no data of that minute."""
    pages = []
    for minute in (10, 11, 12):
        now = Second(THURSDAY + 60 * minute)
        unseen = {"2026-04-16": Seconds(unknown=60)}
        web = component("web", "Web", happened=unseen, now=now, created_at=THURSDAY)
        rendered = render(view(service("s", "S", web), now=now))
        pages.append([(p.fresh, p.stale) for path, p in rendered.items() if "web" in path])
    assert "100\u00a0% desde el 16 de abril" in pages[0][0][0].content.decode()
    assert pages[0] == pages[1] == pages[2]


def test_a_page_tells_the_time_of_its_data_once_it_is_old() -> None:
    for said in _minutes()[:2]:
        page = PageRenderer().render(said)["/componente/web1"]
        time = clock_time(said.at, said.zone)
        assert f"Estos datos son de las {time}." in old_form(page).decode()
        assert time not in page.fresh.content.decode()


def test_a_fresh_page_says_how_old_its_data_is_at_most_and_its_zone() -> None:
    made = render(SCENES["all-well"]())
    spanish = made["/componente/web1"].fresh.content.decode()
    english = made["/en/component/web1"].fresh.content.decode()
    assert "Al abrirla, la página muestra datos de los últimos dos minutos." in spanish
    assert "When opened, the page shows data of the last two minutes." in english
    assert "hora de Argentina (UTC\u22123)" in spanish or "Argentina (UTC\u22123)" in spanish


@pytest.mark.parametrize("path", ["/historial", "/disponibilidad", "/componente/web1"])
def test_an_old_page_tells_the_day_of_its_data_once(path: str) -> None:
    said = old_form(render(SCENES["all-well"]())[path]).decode()
    assert said.count(">14:35:00</time> del jueves 16 de abril de 2026") == 1


def test_no_name_can_make_a_hole() -> None:
    name = "\0as-of\0 \\u0000api-at\\u0000 <u>"
    made = render(view(service("s", name, component("a", name))))
    for path, page in made.items():
        if page.content_type == PNG:
            continue  # Its bytes are no text, and nobody's name is in them.
        assert b"\0" not in page.fresh.content
        assert set(placeholders_in(page.stale.content)) <= set(page.words), path
        assert b"<u>" not in page.fresh.content or page.content_type in (JSON, CALENDAR)
    told = json.loads(old_form(made["/api/v2/components.json"]))
    assert told["components"][0]["name"] == name.replace("\0", "\ufffd")
    home = Document.parse(old_form(made["/es/"]))
    assert name.replace("\0", "\ufffd") in home.text()


def _minutes() -> list[PublicView]:
    """The same, minute by minute."""
    said = SCENES["all-well"]()
    return [replace(said, at=Second(said.at + 60 * minute)) for minute in range(MINUTES)]
