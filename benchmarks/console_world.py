"""A company with 10 000 checks as its journal and its log have it, and what goes on there.

It is written as the core and the prober write it, without their waiting: a configuration, states of
every check, incidents that are open and over, windows, accounts and what people did. Afterwards it
moves on as it would with both at work: each second a share of the checks has another result.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from benchmarks.billed import add_contracts, propose
from benchmarks.console_past import (
    CAUSES,
    Size,
    add_accounts,
    changes_of,
    incidents_of,
    report_of,
    windows_of,
)
from credits.terms import Terms
from monitor.catalogues.file import write_catalogues
from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.account import AccountName
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    ComponentId,
    FailureId,
    Outcome,
    Result,
)
from monitor.domain.incidents.incident import (
    IncidentId,
)
from monitor.domain.maintenance import MaintenanceId
from monitor.domain.time.calendar import at_zone, local_month
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import Decided
from monitor.results.log.ports import FoldKey
from monitor.results.log.result_log import open_log
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.configuration import store_revision
from monitor.roles.journal import prepare_journal
from monitor.roles.settings import catalogue_file, journal_url, log_file
from monitor.runtime.system_clock import SystemClock

INTERVAL = 60
_DAY = 86_400
_BACK = 100 * _DAY
_AT_ONCE = 500
_NIGHTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Where it is, and names of things that are in it. `keys` are those of sessions of an
    administrator, each of which may ask so often."""

    data: Path
    size: Size
    keys: Sequence[str]
    failing: CheckId
    incident: IncidentId
    window: MaintenanceId
    account: AccountName
    month: str
    exclusions: Sequence[str] = ()


def make_world(data: Path, config: str, now: Second, size: Size, sessions: int) -> World:
    """In an empty folder."""
    data.mkdir(parents=True, exist_ok=True)
    url, dice = journal_url(data, None), random.Random(1)  # noqa: S311 - no secret
    prepare_journal(url)
    with open_journal(url) as journal:
        with journal.transaction() as tx:
            store_revision(tx, config, Second(now - now % 60 - _BACK), now)
        reader = RevisionReader(journal)
        catalogues = reader.read()
        reader.keep()
        write_catalogues(catalogue_file(data), catalogues.revisions)
        checks = [check.id for check in catalogues.present(now).catalogue.checks]
        failing = {checks[n * len(checks) // size.failing]: n for n in range(size.failing)}
        with journal.transaction() as tx:
            tx.transitions.append(list(_decided(checks, failing, now, dice)))
            tx.folds.save({(c, LOCAL): state_of(c, failing, now) for c in checks}, len(checks))
            for incident in incidents_of(size, now, dice):
                tx.incidents.save(incident)
            windows = [tx.maintenance.save(w) for w in windows_of(size, now)]
            tx.maintenance.publish([w.id for w in windows], Second(now - 30 * _DAY))
            keys = add_accounts(tx, size, now, sessions)
            for change in changes_of(size, now, dice):
                tx.changes.append([change])
            for month in range(1, size.months + 1):
                period = f"2025-{month:02}"
                tx.reports.keep(period, hash=f"h{month}", body=report_of(period, size), at=now)
        proposed = _bill(journal, catalogues, now, size.contracts) if size.contracts else []
    log = open_log(log_file(data))
    results = [result_of(c, failing, Second(now - n % INTERVAL)) for n, c in enumerate(checks)]
    for first in range(0, len(results), _AT_ONCE):
        log.append(results[first : first + _AT_ONCE], {})
    log.close()
    return World(
        data=data,
        size=size,
        keys=keys,
        failing=next(iter(failing)),
        incident=IncidentId("o0000000"),
        window=windows[-1].id,
        account=AccountName("person7"),
        month="2025-12",
        exclusions=proposed,
    )  # fmt: skip


def _bill(journal: SqlJournal, catalogues: Catalogues, now: Second, contracts: int) -> list[str]:
    """Every contract requires the first component, of which some nights wait to be excluded."""
    first, zone = ComponentId("c0"), catalogues.present(now).catalogue.zone
    day = at_zone(now, zone).date().replace(day=1) - timedelta(days=1)
    month = local_month(day.year, day.month, zone)
    terms = Terms(guarantee=Decimal("0.9989"), required=(first,))
    add_contracts(journal, contracts, terms, month, Second(now - _BACK))
    begins = [Second(month.start + n * _DAY) for n in range(1, _NIGHTS + 1)]
    nights = [Interval(begin, Second(begin + 3_600)) for begin in begins]
    found = propose(journal, catalogues, SystemClock(), first, nights)
    return [record.reference for record in found]


def config_text(size: Size, *, page: str, operations: str) -> str:
    """Services of components of checks, all of one address that nobody asks."""
    lines = [
        f"page: {{name: Banco, company: Prueba, url: 'http://127.0.0.1', listen: '{page}'}}",
        "timezone: America/Argentina/Buenos_Aires",
        "terms: [{id: default, guarantee: '0.9989'}]",
        f"operations: {operations}",
        f"defaults: {{interval: {INTERVAL}s, timeout: 5s, max_gap: 600s}}",
        "services:",
    ]
    each, parts = size.checks // size.components, size.components // size.services
    for part in range(size.components):
        if part % parts == 0:
            lines += [f"  - id: s{part // parts}", f"    name: Servicio {part // parts}"]
            lines += ["    components:"]
        checks = ", ".join(
            f"{{id: k{part}-{n}, probe: tcp, target: '127.0.0.1:{n + 9}'}}" for n in range(each)
        )
        needs = f", depends_on: [c{part - 1}]" if part % parts else ""
        lines.append(f"      - {{id: c{part}, name: Componente {part}{needs}, checks: [{checks}]}}")
    return "\n".join(lines) + "\n"


def state_of(check: CheckId, failing: dict[CheckId, int], at: Second) -> FoldState:
    """As after many results, the last of which was seen at that second."""
    number = failing.get(check)
    is_up = number is None
    began = Second(at - _BACK + 60) if number is None else Second(at - 600 - 40 * number)
    return FoldState(
        status=Outcome.UP if is_up else Outcome.DOWN,
        cause="first_look" if number is None else CAUSES[number % len(CAUSES)],
        since=began,
        last_slot=at,
        covered_until=Second(at + INTERVAL),
        last_success=at if is_up else Second(began - INTERVAL),
        last_failure=None if is_up else at,
        slow=tuple((Second(at - n * INTERVAL), False) for n in range(4, -1, -1)) if is_up else (),
        is_confirmed=True,
        revision=1,
    )


def result_of(check: CheckId, failing: dict[CheckId, int], at: Second) -> Result:
    number = failing.get(check)
    is_up = number is None
    return Result(
        check=check, location=LOCAL, slot=at, revision=1,
        outcome=Outcome.UP if is_up else Outcome.DOWN,
        failure=None if number is None else FailureId(CAUSES[number % len(CAUSES)]),
        message="" if is_up else "127.0.0.1:9: connection refused",
        phases_ms={"resolve": 0.2, "connect": 4.1, "processing": 17.3} if is_up else {"resolve": 1},
        evidence={"status": 200} if is_up else {"attempts": [{"address": "127.0.0.1"}]},
    )  # fmt: skip


class Going(threading.Thread):
    """Once a second: results of a share of the checks, and their states; sometimes a check falls or
    comes back."""

    def __init__(self, world: World, clock: Clock) -> None:
        super().__init__(daemon=True)
        self._world, self._clock = world, clock
        self._over = threading.Event()
        with open_journal(journal_url(world.data, None)) as journal, journal.transaction() as tx:
            self._states = dict(tx.folds.states())
            self._cursor = tx.folds.cursor()
        self._keys = sorted(self._states)
        self._failing = {
            key[0]: n
            for n, key in enumerate(k for k in self._keys if self._states[k].status is Outcome.DOWN)
        }
        self._turn = 0

    def run(self) -> None:
        while not self._over.wait(1.0):
            self.step(self._clock.now())

    def step(self, now: Second) -> None:
        share = len(self._keys) // INTERVAL
        first = self._turn * share % len(self._keys)
        moved = self._keys[first : first + share]
        self._turn += 1
        log = open_log(log_file(self._world.data))
        log.append([result_of(check, self._failing, now) for check, _ in moved], {})
        log.close()
        self._cursor += len(moved)
        states: dict[FoldKey, FoldState] = {
            key: replace(self._states[key], last_slot=now, covered_until=Second(now + INTERVAL))
            for key in moved
        }
        url = journal_url(self._world.data, None)
        with open_journal(url) as journal, journal.transaction() as tx:
            tx.folds.save(states, self._cursor)
            if self._turn % 5 == 0:
                tx.transitions.append([_one(moved[0][0], Outcome.UP, now, "recovered")])

    def stop(self) -> None:
        self._over.set()
        self.join()


@contextmanager
def going(world: World, clock: Clock) -> Iterator[None]:
    thread = Going(world, clock)
    thread.start()
    try:
        yield
    finally:
        thread.stop()


def _decided(
    checks: Sequence[CheckId], failing: dict[CheckId, int], now: Second, dice: random.Random
) -> Iterator[Decided]:
    begin = Second(now - _BACK + 60)
    for number, check in enumerate(checks):
        yield _one(check, Outcome.UP, begin, "first_look")
        if number % 10 == 0:
            # One in ten has failed now and then.
            times = sorted(dice.sample(range(begin + 3_600, now - 90_000, 600), 20))
            for start, end in list(pairwise(times))[::2]:
                yield _one(check, Outcome.DOWN, Second(start), "timeout")
                yield _one(check, Outcome.UP, Second(min(end, start + 900)), "recovered")
        if check in failing:
            state = state_of(check, failing, now)
            if state.since is not None:
                yield _one(check, Outcome.DOWN, state.since, state.cause)


def _one(check: CheckId, to: Outcome, at: Second, cause: str) -> Decided:
    transition = Transition(
        source=Outcome.UNKNOWN, to=to, effective_at=at, previous_at=None,
        decided_by=Second(at + 2 * INTERVAL), cause=cause,
    )  # fmt: skip
    return Decided(
        check=check, location=LOCAL, transition=transition,
        decided_at=Second(at + 2 * INTERVAL), catalogue_revision=1,
    )  # fmt: skip
