"""A journal that an earlier program wrote is read and gone on with: nothing in it changes its mind.

`tests/fixtures/journal_r0006.db.xz` is of the program before rooms and words were changed: three
revisions, an open and an unstable incident, three that are over, running, cancelled and coming
maintenance, messages that are due, sent and given up, two dirty days, and a month that was issued
with two credits (`report_r0006.json` is what `estado report --revision 1` said of it then).
"""

from __future__ import annotations

import json
import lzma
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from credits.report.issue import issued_document
from monitor.domain.incidents.delivery import Delivery
from monitor.domain.incidents.incident import IncidentEvent, IncidentId, Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import SqlJournal, migrate, open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from probes.registry import all_failures
from tests.support.clock import FakeClock
from tests.support.memory_log import MemoryLog

FIXTURES = Path(__file__).parents[1] / "fixtures"
ALWAYS = Interval(Second(0), FOREVER)
WRITTEN = Second(1_795_984_000)
"""Some minutes after its last row."""
OPEN, UNSTABLE = IncidentId("an4wd8"), IncidentId("6ng8sn")


@pytest.fixture
def before(tmp_path: Path) -> Iterator[SqlJournal]:
    file = tmp_path / "journal.db"
    file.write_bytes(lzma.decompress((FIXTURES / "journal_r0006.db.xz").read_bytes()))
    migrate(f"sqlite:///{file}", backup=False)
    with open_journal(f"sqlite:///{file}") as journal:
        yield journal


def test_its_configurations_are_all_read(before: SqlJournal) -> None:
    catalogues = RevisionReader(before).read()
    assert [r.number for r in catalogues.revisions] == [1, 2, 3]
    names = [r.catalogue.components[-1].name.in_locale("en") for r in catalogues.revisions]
    assert names == ["Radio one", "Radio one", "Radio one (new)"]


def test_the_month_that_was_issued_is_what_it_was(before: SqlJournal) -> None:
    with before.transaction() as tx:
        (stored,) = tx.reports.of("2026-10")
    told = json.loads((FIXTURES / "report_r0006.json").read_text(encoding="utf-8"))
    # Of a later program is the head alone, which says now which revision money is made from.
    assert issued_document(stored, told["program"]) == told | {"payable": True}
    assert [(c["amount"], c["state"]) for c in told["credits"]] == [
        ("927.42", "eligible"), ("92.21", "eligible"),
    ]  # fmt: skip


def test_incidents_maintenance_and_messages_are_what_they_were(before: SqlJournal) -> None:
    with before.transaction() as tx:
        incidents = {i.id: i for i in tx.incidents.touching(ALWAYS)}
        windows = tx.maintenance.touching(ALWAYS)
        counts, dirty = tx.outbox.counts(), tx.folds.dirty()
    assert Counter(i.phase for i in incidents.values()) == {
        Phase.RESOLVED: 3, Phase.INVESTIGATING: 1, Phase.MONITORING: 1,
    }  # fmt: skip
    assert incidents[UNSTABLE].updates[-1].event is IncidentEvent.UNSTABLE
    assert Counter(w.phase(WRITTEN) for w in windows) == {
        MaintenancePhase.IN_PROGRESS: 1, MaintenancePhase.CANCELLED: 1,
        MaintenancePhase.SCHEDULED: 1,
    }  # fmt: skip
    assert counts == {Delivery.PENDING: 24, Delivery.SENT: 10, Delivery.FAILED: 1}
    assert sorted(check for check, _ in dirty) == ["mail-tcp", "web-tcp"]


def test_a_core_goes_on_with_it(before: SqlJournal) -> None:
    clock = FakeClock(WRITTEN)
    core = Core(
        journal=before, log=MemoryLog(), catalogues=RevisionReader(before).read(),
        incident_writer=IncidentWriter(failures=all_failures()), clock=clock,
    )  # fmt: skip
    for _ in range(5):
        core.tick()
        clock.advance(60)
    with before.transaction() as tx:
        assert tx.incidents.get(OPEN).phase is Phase.INVESTIGATING
        assert tx.incidents.get(UNSTABLE).is_unresolved
