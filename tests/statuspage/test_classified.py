"""What two people left out, on every figure alike; the public reads how long and why, no more."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from credits.period.month import Month
from credits.report.report import monthly_report, read_month
from monitor.domain.catalogue import ConfiguredTerms
from monitor.domain.exclusions.classification import (
    Evidence,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.time.interval import Interval, Second
from monitor.history.uptime import uptime_of
from monitor.i18n.addresses import component_path, incident_path
from statuspage.publish.render import render
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicView
from statuspage.view.public_view import build_view
from tests.support.worlds import INTERVAL, T0, WEB, World, catalogue

TERMS = ConfiguredTerms(fields={"guarantee": "0.9989"})
CANARY = "zq-canario"
SPAN = Interval(Second(T0 + 2 * INTERVAL), Second(T0 + 4 * INTERVAL))


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, replace(catalogue(observe=INTERVAL), terms=(TERMS,)))
    web = "++-----" + "+" * 20
    made.live(web=web, dns="+" * len(web), mail="+" * len(web))
    return made


def classify(world: World) -> ExclusionRevision:
    """Two of the five minutes that the web server was down; each private field has a canary."""
    asked = ExclusionRevision(
        reference=ExclusionReference(f"{CANARY}-r"), revision=1, component=WEB, interval=SPAN,
        cause="external_provider", proposed_by=f"{CANARY}-ana", at=world.clock.now(),
        evidence=Evidence(text=f"{CANARY}-texto", links=(f"https://{CANARY}.example",)),
    )  # fmt: skip
    with world.journal.transaction() as tx:
        tx.exclusions.append(asked)
    return asked


def decide(world: World, asked: ExclusionRevision, state: RevisionState) -> None:
    step = asked.decided(state, by=f"{CANARY}-luz", reason=f"{CANARY}-r", at=asked.at)
    with world.journal.transaction() as tx:
        tx.exclusions.append(step)


def view(world: World, days: DailyRollup | None = None) -> PublicView:
    with world.journal.transaction() as tx:
        return build_view(
            tx, world.core.state, world.clock.now(), stale_after=120, days=days or DailyRollup()
        )


def plain(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode())).replace("\u00a0", " ")


def figures(world: World, days: DailyRollup) -> dict[str, tuple[int, int]]:
    """Down and excluded seconds of the web server, by whoever says them."""
    seen = view(world, days)
    shown = next(c for c in seen.components if c.id == WEB)
    (incident,) = seen.incidents
    (part,) = incident.parts
    assert part.counted is not None
    now = world.clock.now()
    with world.journal.transaction() as tx:
        read = read_month(
            tx, world.catalogues, Month.of(now, ZoneInfo("America/Argentina/Buenos_Aires")), now,
            is_provisional=True,
        )  # fmt: skip
        check = next(c for c in world.core.state.catalogue.checks if c.component == WEB)
        span = Interval(T0, now)
        asked = uptime_of(tx, world.catalogues, check, None, span, [span], now)
    report = next(c for c in monthly_report(read).components if c.component.id == WEB)
    return {
        "page": (shown.total.down, shown.total.excluded),
        "incident": (part.counted.down, part.counted.excluded),
        "history": (asked.whole.down, asked.whole.excluded),
        "report": (report.seconds.down, report.seconds.excluded),
        "outage": (report.outages[0].counted.down, report.outages[0].counted.excluded),
    }


def test_every_figure_agrees_before_and_after(world: World) -> None:
    days = DailyRollup()
    assert set(figures(world, days).values()) == {(300, 0)}
    asked = classify(world)
    assert set(figures(world, days).values()) == {(300, 0)}
    decide(world, asked, RevisionState.APPROVED)
    assert set(figures(world, days).values()) == {(180, 120)}


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("es", "2 min no cuentan: falla de un proveedor externo."),
        ("en", "2 min do not count: a failure of an external provider."),
    ],
)
def test_the_public_reads_how_long_and_why_and_nothing_private(
    world: World, lang: str, told: str
) -> None:
    decide(world, classify(world), RevisionState.APPROVED)
    seen = view(world)
    files = render(seen)
    (incident,) = seen.incidents
    assert told in plain(files[incident_path(incident.id, lang)].fresh.content)
    assert told.removesuffix(".") in plain(files[component_path(WEB, lang)].fresh.content)
    for path, file in files.items():
        assert CANARY.encode() not in file.fresh.content, path


def test_what_was_refused_stands_nowhere(world: World) -> None:
    decide(world, classify(world), RevisionState.REFUSED)
    assert all(b"no cuentan" not in file.fresh.content for file in render(view(world)).values())
