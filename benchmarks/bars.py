"""The bars of the page, read from the journal: 90 days of many components, cold and warm.

A journal is filled with the transitions that 90 days leave: outages, slowness and gaps of the
monitor's own. Then every component's days are read as a rendering reads them: cold, as a core that
has just started; warm, as at each minute's rendering; and after one component has gone down.
Printed are medians of CPU time, because wall time means nothing on a machine that others share.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import (
    Catalogue,
    CatalogueRevision,
    Check,
    Component,
    Page,
    Service,
)
from monitor.domain.checks.fold import FoldState, Policy, Transition
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, Outcome, ServiceId
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.journal.access import SqlJournal, migrate, open_journal
from monitor.journal.ports import Decided
from monitor.runtime.system_clock import SystemClock
from monitor.state.core_state import CoreState
from statuspage.view.daily_rollup import DailyRollup
from statuspage.view.public_view import ninety_days

MUST_MS = 50
_DAY = 86_400
_DAYS = 90
_ROUNDS = 9
_INTERVAL = 30
_POLICY = Policy(interval=_INTERVAL, max_gap=2 * _INTERVAL)
# What happens to a component in 90 days: how often, to which status, and for how long at most.
_STORY = (
    (6, Outcome.DOWN, 1_800, "conn_refused"),
    (4, Outcome.DEGRADED, 7_200, "too_slow"),
    (2, Outcome.UNKNOWN, 3_600, "gap"),
)


def run(*, components: int) -> int:
    """Print the figures; return 1 where the warm one is over its bound."""
    with tempfile.TemporaryDirectory(prefix="bars-") as name:
        url = f"sqlite:///{Path(name) / 'journal.db'}"
        migrate(url, backup=False)
        now = SystemClock().now()
        catalogues = _catalogues(components, Second(now - (_DAYS + 1) * _DAY))
        with open_journal(url) as journal:
            rows = _fill(journal, catalogues.at(now), now)
            return _measure(journal, catalogues, now, rows)


def _measure(journal: SqlJournal, catalogues: Catalogues, now: Second, rows: int) -> int:
    with journal.transaction() as tx:
        core_state = CoreState(tx, catalogues, now, SystemClock().boottime)
    cold = [_read(journal, core_state, DailyRollup(), now) for _ in range(3)]
    rollup = DailyRollup()
    _read(journal, core_state, rollup, now)
    warm = [_read(journal, core_state, rollup, Second(now + n)) for n in range(_ROUNDS)]
    fallen = []
    for n in range(_ROUNDS):
        with journal.transaction() as tx:
            tx.transitions.append([_decided(f"k{n}", Outcome.DOWN, Second(now + n), "x")])
        fallen.append(_read(journal, core_state, rollup, Second(now + n + 1)))
    sys.stdout.write(
        f"bars of {_DAYS} days, {len(core_state.shown)} components, {rows} transitions: "
        f"cold {statistics.median(cold):.0f} ms ({min(cold):.0f}-{max(cold):.0f}), "
        f"warm {statistics.median(warm):.1f} ms ({min(warm):.1f}-{max(warm):.1f}), "
        f"after a fall {statistics.median(fallen):.1f} ms; must be warm {MUST_MS} ms\n"
    )
    return int(statistics.median(warm) > MUST_MS)


def _read(journal: SqlJournal, core_state: CoreState, rollup: DailyRollup, now: Second) -> float:
    """Milliseconds of CPU for every component's days, the transaction included."""
    catalogue = core_state.catalogues.at(now)
    began = time.process_time()
    with journal.transaction() as tx:
        rollup.read(tx, core_state, ninety_days(catalogue, now), [])
    days = [rollup.days(component, catalogue)[0] for component in core_state.shown]
    spent = (time.process_time() - began) * 1000
    assert all(len(found) == _DAYS for found in days), "every bar is there"
    return spent


def _catalogues(components: int, since: Second) -> Catalogues:
    service = ServiceId("all")
    checks = tuple(
        Check(id=CheckId(f"k{n}"), component=ComponentId(f"c{n}"), kind="tcp", spec=None,
              policy=_POLICY, timeout_s=5.0)
        for n in range(components)
    )  # fmt: skip
    catalogue = Catalogue(
        zone=ZoneInfo("America/Argentina/Buenos_Aires"),
        page=Page(name=plain("Banco"), company="Prueba", url="http://127.0.0.1"),
        services=(Service(id=service, name=plain("Todo")),),
        components=tuple(
            Component(id=ComponentId(f"c{n}"), service=service, name=plain(f"C{n}"))
            for n in range(components)
        ),
        checks=checks,
    )
    revision = CatalogueRevision(
        number=1, hash="", text="", effective_from=since, catalogue=catalogue
    )
    return Catalogues([revision])


def _fill(journal: SqlJournal, catalogue: Catalogue, now: Second) -> int:
    dice = random.Random(1)  # noqa: S311 - no secret
    decided = [d for check in catalogue.checks for d in _history(check.id, now, dice)]
    decided.sort(key=lambda d: d.transition.decided_by)
    with journal.transaction() as tx:
        tx.revisions.add(hash="", text="", effective_from=Second(now - (_DAYS + 1) * _DAY))
        tx.transitions.append(decided)
        tx.folds.save({(c.id, LOCAL): _state(now) for c in catalogue.checks}, 1)
    return len(decided)


def _history(check: CheckId, now: Second, dice: random.Random) -> Iterator[Decided]:
    """A check's 90 days: up, except for what `_STORY` lists, each at a random time."""
    begin = Second(now - _DAYS * _DAY - 3_600)
    yield _decided(check, Outcome.UP, begin, "first_look")
    happened = [kind for kind in _STORY for _ in range(kind[0])]
    dice.shuffle(happened)
    share = (_DAYS * _DAY) // len(happened)
    for number, (_, status, longest, cause) in enumerate(happened):
        start = Second(begin + share * number + dice.randrange(1, share - longest - 1))
        yield _decided(check, status, start, cause)
        end = Second(start + dice.randrange(60, longest))
        yield _decided(check, Outcome.UP, end, "recovered")


def _decided(check: str, to: Outcome, at: Second, cause: str) -> Decided:
    return Decided(
        check=CheckId(check),
        location=LOCAL,
        transition=Transition(
            source=Outcome.UNKNOWN, to=to, effective_at=at, previous_at=None,
            decided_by=Second(at + 2 * _INTERVAL), cause=cause,
        ),
        decided_at=Second(at + 2 * _INTERVAL),
        catalogue_revision=1,
    )  # fmt: skip


def _state(now: Second) -> FoldState:
    return FoldState(
        status=Outcome.UP, last_slot=now, covered_until=Second(now + _INTERVAL),
        slow=tuple((Second(now - n * _INTERVAL), False) for n in range(4, -1, -1)),
        is_confirmed=True, revision=1,
    )  # fmt: skip
