"""A check's uptime is its component's on the page, second for second; its outages, the journal's.

The past is lived by the core itself: a configuration, looks, planned work, another configuration.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.availability import Seconds
from monitor.domain.checks.observation import (
    CheckId,
    ComponentId,
    FailureId,
    LocationId,
    Outcome,
    Result,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.evaluation.tick import Core
from monitor.i18n.formats import iso
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.core.configuration import Configuration
from monitor.roles.store.history_journal import HistoryJournal
from monitor.state.last_runs import LastRuns
from probes.registry import all_failures
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.model import PublicDay
from statuspage.view.public_view import build_view
from tests.history.archive import ZONE, Archive, open_archive
from tests.support.clock import FakeClock, second
from tests.support.journals import new_journal
from tests.support.memory_log import MemoryLog

BEGAN = second("2026-11-21T12:00:00Z")
EACH_S = 600
WEB, SLOW = ComponentId("web"), ComponentId("slow")
OUTCOMES = {"+": Outcome.UP, "-": Outcome.DOWN, "~": Outcome.DEGRADED, "?": Outcome.UNKNOWN}
FAILURES = {"-": "conn_refused", "~": "too_slow", "?": "no_network"}


@pytest.fixture
def archive(embedded: Archive) -> Archive:
    return embedded


def config(*, confirm_down: int = 2, spare: bool = True) -> str:
    spare_check = """
      - id: spare
        name: Spare
        checks: [{id: spare-check, probe: tcp, target: "127.0.0.1:3"}]"""
    return f"""
page: {{name: Estado, company: Prueba, url: "http://127.0.0.1"}}
timezone: America/Argentina/Buenos_Aires
terms: [{{id: default, guarantee: "0.9989"}}]
defaults: {{interval: {EACH_S}s, timeout: 5s, confirm_down: {confirm_down}}}
services:
  - id: hosting
    name: Hosting
    components:
      - id: web
        name: Web
        checks: [{{id: web-check, probe: tcp, target: "127.0.0.1:1"}}]
      - id: slow
        name: Slow
        checks: [{{id: slow-check, probe: tcp, target: "127.0.0.1:2", affects: degraded}}]
{spare_check if spare else ""}
"""


class Life:
    """A core over a log in memory, and its journal in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FakeClock(BEGAN)
        self.file = folder / "services.yaml"
        self.file.write_text(config())
        url = new_journal(folder / "journal.db")
        self.journal: SqlJournal = open_journal(url)
        self.configuration = Configuration.read(self.file, folder)
        self.configuration.begin(self.journal, self.clock.now())
        self.log = MemoryLog()
        self.core = Core(
            journal=self.journal, log=self.log, catalogues=self.configuration.catalogues,
            incident_writer=IncidentWriter(failures=all_failures()), clock=self.clock,
            last_runs=LastRuns(),
        )  # fmt: skip

    def live(self, **stories: str) -> None:
        """One mark a look of each; a space is a look that nobody took."""
        for number in range(max(map(len, stories.values()))):
            at = self.clock.now()
            for name, story in stories.items():
                if story[number : number + 1].strip():
                    self.log.add(_look(f"{name}-check", at, story[number]))
            self.clock.advance(EACH_S)
        while self.core.tick().backlog:
            pass
        # The states are saved every five seconds, and the core is asked by nobody but us.
        self.clock.advance(6)
        self.core.tick()
        self.clock.advance(EACH_S - 6)

    def plan(self, component: ComponentId, start_s: int, length_s: int) -> None:
        """Work that is published now."""
        now = self.clock.now()
        window = MaintenanceWindow(
            id=MaintenanceId("m1"), title=plain("Cambio"), impact=plain("Corte"),
            start=Second(now + start_s), end=Second(now + start_s + length_s),
            components=(component,),
        )  # fmt: skip
        with self.journal.transaction() as tx:
            tx.maintenance.save(window)
            tx.maintenance.publish([window.id], now)

    def reconfigure(self, **settings: Any) -> None:
        self.file.write_text(config(**settings))
        self.configuration.reload(self.journal, self.clock.now())
        self.core.adopt(self.configuration.catalogues)

    def bars(self, component: ComponentId) -> tuple[PublicDay, ...]:
        with self.journal.transaction() as tx:
            view = build_view(
                tx, self.core.state, self.clock.now(), stale_after=120, days=DailyRollup()
            )
        return next(c for c in view.components if c.id == component).days


def _look(check: str, at: Second, mark: str) -> Result:
    failure = FAILURES.get(mark)
    return Result(
        check=CheckId(check), location=LocationId("local"), slot=at, revision=1,
        outcome=OUTCOMES[mark], failure=FailureId(failure) if failure else None,
    )  # fmt: skip


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    made = Life(tmp_path)
    yield made
    made.journal.close()


async def asked(life: Life, path: str, **query: str) -> Any:
    async with opened(life) as archive:
        return await archive.body(path, **query)


def opened(life: Life) -> Any:
    journal = HistoryJournal(life.folder, lambda: None)
    return open_archive(
        life.folder, clock=life.clock, catalogues=life.configuration.catalogues, journal=journal
    )


def told(seconds: Seconds) -> dict[str, Any]:
    share = seconds.uptime
    return {
        "total_s": seconds.total, "up_s": seconds.up, "degraded_s": seconds.degraded,
        "down_s": seconds.down, "excluded_s": seconds.excluded, "unknown_s": seconds.unknown,
        "inferred_s": seconds.inferred, "excluded_by_cause": dict(seconds.excluded_by_cause),
        "uptime_fraction": share and f"{share.numerator}/{share.denominator}",
    }  # fmt: skip


def story(rng: random.Random, length: int) -> str:
    """Spells of one mark each: outages, slowness, gaps, blindness."""
    made = ""
    while len(made) < length:
        made += rng.choice("+++-~? ") * rng.randrange(1, 30)
    return made[:length]


@pytest.mark.parametrize("seed", range(4))
async def test_it_is_what_the_pages_bars_say_to_the_second(life: Life, seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - a script, not a secret
    life.plan(WEB, rng.randrange(5 * 3600), rng.randrange(2 * 3600, 20 * 3600))
    life.live(web=story(rng, 150), slow=story(rng, 150), spare=story(rng, 150))
    life.reconfigure(confirm_down=3, spare=False)
    life.live(web=story(rng, 250), slow=story(rng, 250))
    for component in (WEB, SLOW):
        days = life.bars(component)
        body = await asked(
            life, f"/{component}-check/uptime", from_=str(days[0].window.start), resolution="day"
        )
        found = [{k: v for k, v in b.items() if k != "uptime_display"} for b in body["buckets"]]
        assert found == [
            {
                "start": iso(day.window.start, ZONE),
                "end": iso(min(day.window.end, life.clock.now()), ZONE),
                **told(day.seconds),
            }
            for day in days
        ]
        assert sum(day.seconds.down + day.seconds.degraded for day in days) > 0


async def test_hours_add_up_to_days_and_to_the_whole(life: Life) -> None:
    rng = random.Random(7)  # noqa: S311 - a script, not a secret
    life.live(web=story(rng, 300))
    span = {"from_": "2026-11-21T15:17:03-03:00", "to": "2026-11-23T01:00:01-03:00"}
    hours = await asked(life, "/web-check/uptime", resolution="hour", **span)
    days = await asked(life, "/web-check/uptime", resolution="day", **span)
    assert hours["whole"] == days["whole"]
    assert (len(hours["buckets"]), len(days["buckets"])) == (35, 3)
    for name in ("up_s", "down_s", "degraded_s", "unknown_s", "total_s"):
        sums = [sum(b[name] for b in body["buckets"]) for body in (hours, days)]
        assert sums == [hours["whole"][name]] * 2
    assert (hours["from"], hours["to"]) == (span["from_"], span["to"])
    assert hours["buckets"][0]["start"] == span["from_"]


async def test_an_outage_is_told_with_what_bounds_it(life: Life) -> None:
    life.live(web="+++---++")
    body = await asked(life, "/web-check/uptime")
    assert body["outages"] == [
        {
            "start": "2026-11-21T09:30:00-03:00",
            "end": "2026-11-21T10:00:00-03:00",
            "cause": "conn_refused",
            "down_s": 1800,
            "excluded_s": 0,
            "inferred_s": 0,
            "last_success_before": "2026-11-21T09:20:00-03:00",
            "last_failure": "2026-11-21T09:50:00-03:00",
            "first_success": "2026-11-21T10:00:00-03:00",
            "incidents": body["outages"][0]["incidents"],
        }
    ]
    assert len(body["outages"][0]["incidents"]) == 1
    whole = body["whole"]
    assert Fraction(whole["uptime_fraction"]) == 1 - Fraction(1800, whole["total_s"])
    # Eighty minutes of a day were watched: too little for a share to be shown.
    assert whole["uptime_display"] is None


async def test_a_share_is_shown_of_what_was_watched_for_the_better_half(life: Life) -> None:
    life.live(web="+++---++")
    short = life.clock.now() - 2 * 3_600
    body = await asked(life, "/web-check/uptime", from_=str(short))
    assert body["whole"]["uptime_display"] == "75.000000"
    assert body["since"] == "2026-11-21T09:00:00-03:00"
    assert (body["store"], body["complete_until"]) == ("journal", "2026-11-21T10:00:00-03:00")


async def test_it_follows_a_configuration_that_is_in_force_from_another_second(life: Life) -> None:
    life.live(web="+++---++")
    short = str(life.clock.now() - 2 * 3_600)
    async with opened(life) as archive:
        await archive.body("/web-check/uptime", from_=short)
        with life.journal.transaction() as tx:
            tx.revisions.restamp(1, Second(BEGAN + 600))
        body = await archive.body("/web-check/uptime", from_=short)
    assert body["since"] == "2026-11-21T09:10:00-03:00"


async def test_an_outage_that_began_before_keeps_its_start_and_counts_inside(life: Life) -> None:
    life.live(web="+" + "-" * 20)
    body = await asked(life, "/web-check/uptime", from_="2026-11-21T12:00:00-03:00")
    (outage,) = body["outages"]
    assert (outage["start"], outage["end"]) == ("2026-11-21T09:10:00-03:00", None)
    assert outage["down_s"] == body["whole"]["down_s"] == 1800
    assert body["since"] is None


async def test_of_what_nobody_saw_nothing_is_said(life: Life) -> None:
    life.live(web="+++")
    body = await asked(life, "/web-check/uptime", to="2026-11-20", from_="2026-11-19")
    assert (body["whole"]["unknown_s"], body["whole"]["total_s"]) == (86_400, 86_400)
    assert (body["whole"]["uptime_fraction"], body["whole"]["uptime_display"]) == (None, None)


async def test_a_check_that_was_removed_keeps_its_past(life: Life) -> None:
    life.live(spare="++--++")
    life.reconfigure(spare=False)
    life.live(web="++")
    body = await asked(life, "/spare-check/uptime")
    assert body["whole"]["down_s"] == 1200


async def test_csv_has_the_same_rows(life: Life) -> None:
    life.live(web="+++---++")
    async with opened(life) as archive:
        answer = await archive.ask("/web-check/uptime", format="csv")
        body = await archive.body("/web-check/uptime")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    names = rows[0].keys()
    assert rows == [{n: "" if b[n] is None else str(b[n]) for n in names} for b in body["buckets"]]


async def test_it_answers_without_a_store(life: Life) -> None:
    life.live(web="+++")
    async with opened(life) as archive:
        archive.server.close_on("no such bucket")
        assert (await archive.ask("/web-check/uptime")).status == 200
        assert (await archive.ask("/web-check/latency")).status == 503


async def test_without_a_journal_it_says_why_and_makes_none(archive: Archive) -> None:
    answer = await archive.ask("/web-https/uptime")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "10")
    assert answer.body["type"] == "urn:estado:problem:journal-away"
    assert answer.body["detail"].endswith("is empty; make it with: estado journal migrate")
    assert not (archive.folder / "journal.db").exists()


async def test_it_waits_for_no_writer_and_keeps_none_waiting(life: Life) -> None:
    life.live(web="+++")
    async with opened(life) as archive:
        with life.journal.transaction() as tx:
            tx.changes.append([])
            assert (await archive.ask("/web-check/uptime")).status == 200


async def test_raw_looks_are_no_uptime(life: Life) -> None:
    async with opened(life) as archive:
        answer = await archive.ask("/web-check/uptime", resolution="raw")
    assert answer.body["detail"] == "resolution has to be hour, day"
