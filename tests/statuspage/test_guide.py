"""The guide says whether a support level is open now, and when it next opens."""

from __future__ import annotations

import re

import pytest

from monitor.domain.rollup import Shown
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP, Lang
from statuspage.parts.component_history import history_of
from statuspage.parts.context import Context
from statuspage.parts.guide import Step, guide
from tests.statuspage.builders import at, showing


def steps(now: Second, lang: Lang = Lang.ES, *, is_stale: bool = False) -> dict[str, Step]:
    said = showing(Shown.OPERATIONAL, now=now)
    context = Context(view=said, history=history_of(said), lang=lang, is_stale=is_stale)
    return {step.tag: step for step in guide(context)}


def live(now: Second, lang: Lang = Lang.ES) -> str:
    step = steps(now, lang)[f"SLA{NBSP}1"]
    assert step.pill is not None
    return f"{step.pill.word} {re.sub('<[^>]*>', '', step.live or '')}"


@pytest.mark.parametrize(
    ("clock", "day", "es", "en"),
    [
        ("14:35", "2026-04-16", "Abierto ahora Hasta las 17:00.", "Open now Until 17:00."),
        ("16:59:59", "2026-04-16", "Abierto ahora Hasta las 17:00.", "Open now Until 17:00."),
        ("17:00", "2026-04-16", "Cerrado ahora Abre mañana a las 10:00.",
         "Closed now Opens tomorrow at 10:00."),
        ("03:12", "2026-04-14", "Cerrado ahora Abre hoy a las 10:00.",
         "Closed now Opens today at 10:00."),
        ("17:00", "2026-04-17", "Cerrado ahora Abre el lunes a las 10:00.",
         "Closed now Opens on Monday at 10:00."),
        ("12:00", "2026-04-19", "Cerrado ahora Abre mañana a las 10:00.",
         "Closed now Opens tomorrow at 10:00."),
    ],
)  # fmt: skip
def test_it_says_the_hours_live(clock: str, day: str, es: str, en: str) -> None:
    now = at(clock, day=day)
    assert (live(now), live(now, Lang.EN)) == (es, en)


def test_it_says_hours_as_times_and_nothing_live_when_stale() -> None:
    step = steps(at("14:35"), is_stale=True)[f"SLA{NBSP}1"]
    assert step.pill is None
    assert step.live is None
    assert "de lunes a viernes de 10 a 17" in step.hours


def test_it_offers_report_question_and_design_in_this_order() -> None:
    assert list(steps(at("14:35"))) == [f"SLA{NBSP}3", f"SLA{NBSP}1", f"SLA{NBSP}4"]


def test_it_needs_no_pill_for_what_never_closes() -> None:
    assert steps(at("14:35"))[f"SLA{NBSP}3"].pill is None
    assert "las 24 horas" in steps(at("14:35"))[f"SLA{NBSP}3"].hours
