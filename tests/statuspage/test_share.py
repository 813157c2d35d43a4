"""A component's figure on the front page: of which time it is, and none of too little."""

from __future__ import annotations

import pytest

from monitor.domain.availability import Seconds
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP, Lang
from statuspage.parts.component_history import history_of
from statuspage.parts.context import Context
from statuspage.parts.services import share
from tests.statuspage.builders import LONG_AGO, THURSDAY, component, service, view

DAY = 86_400


def shown(
    created_at: Second = LONG_AGO, happened: dict[str, Seconds] | None = None, lang: Lang = Lang.ES
) -> str:
    one = component("a", "A", created_at=created_at, happened=happened)
    said = view(service("s", "S", one))
    context = Context(view=said, history=history_of(said), lang=lang, is_stale=False)
    return share(one, context).replace(NBSP, " ")


def test_it_is_of_ninety_days() -> None:
    assert shown(happened={"2026-04-09": Seconds(down=3_600)}) == "99,95 % en 90 días"


def test_of_what_is_younger_it_says_since_when() -> None:
    assert shown(Second(THURSDAY - 10 * DAY)) == "100 % desde el 6 de abril"


@pytest.mark.parametrize(
    ("lang", "said"), [(Lang.ES, "Se mide desde hoy"), (Lang.EN, "Measured since today")]
)
def test_two_good_minutes_are_no_availability(lang: Lang, said: str) -> None:
    assert shown(Second(THURSDAY - 120), lang=lang) == said


def test_before_the_first_look_there_is_none() -> None:
    unseen = {"2026-04-16": Seconds(unknown=120)}
    assert shown(Second(THURSDAY - 120), unseen) == "Todavía sin datos"
