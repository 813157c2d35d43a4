"""What an exclusion changes for many contracts: CPU, memory, and how long a transaction lasts.

A month of one component with an hour's outage, and contracts that all require it: of fifty prices,
every tenth begun within the month. The effect is computed without rests; `longest` is the wall time
of the longest transaction, so compare it on a quiet machine alone. A journal in SQLite.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.billed import add_contracts, propose
from credits.classification.effect import effect_of
from credits.classification.fields import effect_fields
from credits.journal import BillingJournal, BillingTransaction
from credits.terms import Terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check, Component, Page, Service
from monitor.domain.checks.fold import FoldState, Policy, Transition
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, Outcome, ServiceId
from monitor.domain.exclusions.classification import ExclusionRecord
from monitor.domain.text import plain
from monitor.domain.time.calendar import local_month
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal, migrate, open_journal
from monitor.journal.ports import Decided

_ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
MONTH = local_month(2026, 10, _ZONE)
BEFORE = Second(MONTH.start - 40 * 86_400)
_NOW = Second(MONTH.end + 4 * 86_400)
_FELL = Second(MONTH.start + 12 * 86_400)
OUTAGE = Interval(_FELL, Second(_FELL + 3_600))
_WEB, CHECK = ComponentId("web"), CheckId("web")
TERMS = Terms(guarantee=Decimal("0.9989"))


@dataclass(slots=True)
class _Clock:
    def now(self) -> Second:
        return _NOW

    def wall(self) -> float:
        return float(_NOW)

    def monotonic(self) -> float:
        return time.monotonic()

    def boottime(self) -> float:
        return time.monotonic()

    def boot_id(self) -> str:
        return ""


class Watched:
    """A journal whose longest transaction is known."""

    def __init__(self, journal: SqlJournal) -> None:
        self._journal = journal
        self.longest = 0.0
        self.count = 0

    @contextmanager
    def transaction(self) -> Iterator[BillingTransaction]:
        began = time.monotonic()
        with self._journal.transaction() as tx:
            yield tx
        self.count += 1
        self.longest = max(self.longest, time.monotonic() - began)


def run(*, sizes: Sequence[int]) -> int:
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="effect-") as name:
            url = f"sqlite:///{Path(name) / 'journal.db'}"
            migrate(url, backup=False)
            with open_journal(url) as journal:
                record = _fill(journal, size)
                _measure(Watched(journal), record, size)
    return 0


def _measure(journal: Watched, record: ExclusionRecord, size: int) -> None:
    began, cpu = time.monotonic(), time.process_time()
    (month,) = _effect(journal, record)
    spent, waited = time.process_time() - cpu, time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"{size} contracts: {month['contracts']} concerned, {month['changed']} changed; "
        f"{spent:.2f} s CPU, {waited:.1f} s; {journal.count} transactions, longest "
        f"{journal.longest * 1000:.0f} ms; peak {peak} MiB\n"
    )
    sys.stdout.flush()


def _effect(journal: BillingJournal, record: ExclusionRecord) -> list[dict[str, object]]:
    months = effect_fields(effect_of(record, journal, catalogues(), _NOW), _ZONE)["months"]
    return list(months)


def _fill(journal: SqlJournal, size: int) -> ExclusionRecord:
    with journal.transaction() as tx:
        tx.revisions.add(hash="", text="", effective_from=BEFORE)
        seen = ((Outcome.UP, BEFORE), (Outcome.DOWN, OUTAGE.start), (Outcome.UP, OUTAGE.end))
        tx.transitions.append([decided(to, at) for to, at in seen])
        tx.folds.save({(CHECK, LOCAL): _state()}, 1)
    add_contracts(journal, size, TERMS, MONTH, BEFORE)
    return propose(journal, catalogues(), _Clock(), _WEB, [OUTAGE])[0]


def catalogues() -> Catalogues:
    service = ServiceId("all")
    policy = Policy(interval=30, max_gap=60)
    catalogue = Catalogue(
        zone=_ZONE,
        page=Page(name=plain("Banco"), company="Prueba", url="http://127.0.0.1"),
        services=(Service(id=service, name=plain("Todo")),),
        components=(Component(id=_WEB, service=service, name=plain("Web")),),
        checks=(
            Check(id=CHECK, component=_WEB, kind="tcp", spec=None, policy=policy, timeout_s=5.0),
        ),
    )
    revision = CatalogueRevision(
        number=1, hash="", text="", effective_from=BEFORE, catalogue=catalogue
    )
    return Catalogues([revision])


def decided(to: Outcome, at: Second) -> Decided:
    return Decided(
        check=CHECK, location=LOCAL, decided_at=Second(at + 60), catalogue_revision=1,
        transition=Transition(
            source=Outcome.UNKNOWN, to=to, effective_at=at, previous_at=None,
            decided_by=Second(at + 60), cause="x",
        ),
    )  # fmt: skip


def _state() -> FoldState:
    return FoldState(
        status=Outcome.UP, last_slot=_NOW, covered_until=Second(_NOW + 30),
        slow=tuple((Second(_NOW - n * 30), False) for n in range(4, -1, -1)),
        is_confirmed=True, revision=1,
    )  # fmt: skip
