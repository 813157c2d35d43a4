"""How long answers took, as a customer sees it: which days are drawn, and what is said of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.domain.checks.observation import ComponentId
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.time.calendar import midnight
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.formats import NBSP, Lang
from monitor.i18n.words import PAGE
from monitor.journal.ports import DailyLatency
from statuspage.parts.charts.latency import latency_chart, latency_rows
from statuspage.publish.render import PageRenderer, render
from statuspage.view.latency import (
    DAYS,
    DAYS_A_STEP,
    ENOUGH_RUNS,
    KindLatency,
    LatencyDay,
    LatencyHistory,
    latency_of,
)
from statuspage.view.model import PublicView
from tests.statuspage.builders import THURSDAY, ZONE, component, service, view

WEB = ComponentId("web")
LAST = date(2026, 4, 15)
FIRST = LAST - timedelta(days=89)


def stored(back: int, *, runs: int = ENOUGH_RUNS, p95_ms: int = 300) -> DailyLatency:
    """The figures of the day that was so long ago."""
    return DailyLatency(
        component=WEB,
        kind=ServiceKind.WEB,
        day=midnight(LAST - timedelta(days=back), ZONE),
        runs=runs,
        p50_us=p95_ms * 1000 // 3,
        p95_us=p95_ms * 1000,
    )


def span() -> Interval:
    return Interval(midnight(FIRST, ZONE), midnight(LAST + timedelta(days=1), ZONE))


def drawn(*days: tuple[int, int, int], lang: Lang = Lang.ES) -> str:
    """The chart of days: how long ago, and both figures in milliseconds."""
    return latency_chart(
        KindLatency(
            kind=ServiceKind.WEB,
            first=FIRST,
            last=LAST,
            days=tuple(
                LatencyDay(day=LAST - timedelta(days=back), p50_us=p50 * 1000, p95_us=p95 * 1000)
                for back, p50, p95 in days
            ),
        ),
        lang,
    ).drawn


def view_with_latency(*kinds: ServiceKind) -> PublicView:
    found = latency_of([stored(2), stored(1), stored(0)], span(), ZONE)[WEB]
    latency = tuple(replace(found[0], kind=kind) for kind in kinds)
    return view(service("s", "S", replace(component("web", "Web"), latency=latency)))


class StoredDays:
    """`StoredLatencies` over a list that remembers what it was asked."""

    def __init__(self, days: Sequence[DailyLatency]) -> None:
        self.days = days
        self.asked: list[Interval] = []

    def of_days(self, window: Interval) -> Sequence[DailyLatency]:
        self.asked.append(window)
        return [day for day in self.days if window.start <= day.day < window.end]


def test_a_day_with_few_runs_has_no_figure() -> None:
    found = latency_of([stored(3), stored(2, runs=ENOUGH_RUNS - 1), stored(1)], span(), ZONE)
    (web,) = found[WEB]
    assert [day.day for day in web.days] == [LAST - timedelta(days=3), LAST - timedelta(days=1)]


def test_a_single_day_is_no_course_and_is_not_drawn() -> None:
    assert latency_of([stored(3), stored(2, runs=1)], span(), ZONE) == {}


def read(history: LatencyHistory, days: StoredDays, stored_at: Second) -> int:
    """Read all that there is to read, and say in how many steps."""
    before = len(days.asked)
    while not history.is_read(stored_at, ZONE):
        history.step(days, stored_at, ZONE)
    return len(days.asked) - before


def test_the_journal_is_read_once_a_day_however_often_the_page_is_rendered() -> None:
    days = StoredDays([stored(2), stored(1), stored(0)])
    history = LatencyHistory()
    assert read(history, days, THURSDAY) == DAYS // DAYS_A_STEP
    assert (days.asked[0].start, days.asked[-1].end) == (span().start, span().end)
    first = history.shown
    assert first == latency_of(days.days, span(), ZONE)
    assert read(history, days, Second(THURSDAY + 3600)) == 0
    assert history.shown is first
    assert read(history, days, Second(THURSDAY + 86_400)) > 0


def test_what_is_shown_changes_only_when_all_is_read() -> None:
    days = StoredDays([stored(2), stored(1), stored(0)])
    history = LatencyHistory()
    read(history, days, THURSDAY)
    first, tomorrow = history.shown, Second(THURSDAY + 86_400)
    history.step(days, tomorrow, ZONE)
    assert history.shown is first
    # Another day is whole before that one is read: it is begun anew.
    after = Second(THURSDAY + 2 * 86_400)
    assert read(history, days, after) == DAYS // DAYS_A_STEP
    (web,) = history.shown[WEB]
    assert (web.first, web.last) == (FIRST + timedelta(days=2), LAST + timedelta(days=2))


def test_nothing_is_read_before_anything_was_stored() -> None:
    history = LatencyHistory()
    assert history.is_read(None, ZONE)
    assert history.shown == {}


def test_a_day_without_figures_breaks_the_line_and_one_alone_is_a_dot() -> None:
    svg = drawn((89, 50, 100), (88, 60, 100), (80, 50, 100), (0, 20, 80))
    assert 'class="l-50" d="M0 50l4 -10M36 50h0M356 80h0"' in svg
    assert 'class="l-95" d="M0 0l4 0M36 0h0M356 20h0"' in svg


def test_ninety_days_are_a_small_drawing_of_whole_numbers() -> None:
    svg = drawn(*((back, 100 + back % 7, 300 + 13 * back % 90) for back in range(89, -1, -1)))
    paths = re.findall(r' d="(M[^"]*)"', svg)
    assert len("".join(paths)) < 2_000
    assert not [path for path in paths if "." in path]


def test_one_day_far_beyond_the_others_is_cut_and_named_and_flattens_nothing() -> None:
    usual = [(back, 90, 180) for back in range(60) if back != 30]
    calm, cut = drawn(*usual), drawn(*usual, (30, 900, 18_000))
    assert calm.replace(NBSP, " ").count("200 ms") == 1
    assert '<p class="axis">200 ms</p>' in cut.replace(NBSP, " ")
    assert 'class="l-far" d="M236 0h0"' in cut
    assert not re.search(r"\d -\d", "".join(re.findall(r' d="([^"]*)"', cut)))
    named = "Fuera de la escala: lunes 16 de marzo, hasta 18 s."
    assert named in cut.replace(NBSP, " ")
    assert "l-far" not in calm
    assert "Fuera de la escala" not in calm
    assert '<td class="n">18.000 ms</td>' in cut.replace(NBSP, " ")


def test_days_that_are_slow_again_and_again_are_the_scale() -> None:
    slow = drawn(*((back, 90, 18_000 if back % 10 == 0 else 180) for back in range(60)))
    assert '<p class="axis">20 s</p>' in slow.replace(NBSP, " ")
    assert "l-far" not in slow


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (Lang.ES, "El miércoles 15 de abril, la mitad de las respuestas tardó hasta 120 ms, y 19"),
        (Lang.EN, "On Wednesday 15 April, half of the answers took up to 120 ms, and 19"),
        (Lang.PT, "Último dia com dados suficientes, quarta-feira, 15 de abril: metade"),
    ],
)
def test_the_last_day_is_said_in_words_too(lang: Lang, said: str) -> None:
    text = drawn((1, 90, 200), (0, 120, 340), lang=lang).replace(NBSP, " ")
    assert f"<p>{said}" in text
    assert f'aria-label="{PAGE[lang].latency_kinds[ServiceKind.WEB]}. {said}' in text


def test_the_table_has_each_day_newest_first() -> None:
    rows = re.findall(r'<th scope="row">(.*?)</th><td class="n">(.*?)</td>', drawn(
        (2, 90, 200), (0, 120, 340)
    ))  # fmt: skip
    expected = [("Miércoles 15 de abril", "120 ms"), ("Lunes 13 de abril", "90 ms")]
    assert [(day, took.replace(NBSP, " ")) for day, took in rows] == expected


def test_checks_of_several_kinds_are_named_by_a_plain_word() -> None:
    page = render(view_with_latency(ServiceKind.WEB, ServiceKind.DNS))["/componente/web"]
    content = page.fresh.content.decode()
    assert "<h3>Páginas web</h3>" in content
    assert "<h3>Nombres de dominio (DNS)</h3>" in content


def test_a_component_without_figures_has_no_chart() -> None:
    content = render(view_with_latency())["/componente/web"].fresh.content.decode()
    assert "Tiempo de respuesta" not in content


def test_a_day_that_ends_changes_the_page_and_a_minute_does_not() -> None:
    renderer = PageRenderer()
    shown = view_with_latency(ServiceKind.WEB)
    before = renderer.render(shown)["/componente/web"].fresh
    assert (
        renderer.render(replace(shown, at=Second(shown.at + 60)))["/componente/web"].fresh is before
    )
    (web,) = shown.components
    other = replace(web.latency[0], days=web.latency[0].days[1:])
    changed = replace(
        shown,
        services=(replace(shown.services[0], components=(replace(web, latency=(other,)),)),),
    )
    assert renderer.render(changed)["/componente/web"].fresh.content != before.content


def test_a_month_that_is_over_says_from_which_to_which_figure() -> None:
    rows = latency_rows(
        "Web", latency_of([stored(1, p95_ms=900), stored(0)], span(), ZONE)[WEB], Lang.ES
    )
    (row,) = rows
    shown = (row.name, row.half.replace(NBSP, " "), row.most.replace(NBSP, " "))
    assert shown == ("Web", "100 ms – 300 ms", "300 ms – 900 ms")
    assert "<svg" in row.drawn
