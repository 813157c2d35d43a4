"""One transaction: it excludes all others from its first read on, is checked against the epoch,
and is committed as one."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from monitor.journal.ports import Deposed
from monitor.journal.repositories.accounts import SqlAccounts
from monitor.journal.repositories.billing.clients import SqlClientAddresses
from monitor.journal.repositories.billing.rulings import SqlRulings
from monitor.journal.repositories.changes import SqlChanges
from monitor.journal.repositories.contracts.repository import SqlContracts
from monitor.journal.repositories.credits import SqlCredits
from monitor.journal.repositories.cursors import SqlCursors
from monitor.journal.repositories.exclusions import SqlExclusions
from monitor.journal.repositories.folds import SqlFolds
from monitor.journal.repositories.incidents import SqlIncidents
from monitor.journal.repositories.latencies import SqlLatencies
from monitor.journal.repositories.maintenance import SqlMaintenance
from monitor.journal.repositories.outbox import SqlOutbox
from monitor.journal.repositories.reports import SqlEvidence, SqlReports
from monitor.journal.repositories.revisions import SqlRevisions
from monitor.journal.repositories.subjects import Subjects
from monitor.journal.repositories.transitions import SqlTransitions
from monitor.journal.repositories.visitors.customers import SqlCustomerNames
from monitor.journal.repositories.visitors.problems import SqlProblems
from monitor.journal.repositories.visitors.subscriptions import SqlSubscriptions
from monitor.journal.tables import change_counter, core_epoch
from monitor.results.log.ports import FoldKey

# Built once: a core begins several transactions a second, and to build a statement anew costs more
# than to ask it.
_COUNTER = sa.select(change_counter.c.seq).with_for_update()
_HOLDER = sa.select(core_epoch)


class SqlTransaction:
    """The repositories on one connection; it fulfils the journal's ports and those of `credits`."""

    def __init__(self, connection: Connection, known: Mapping[FoldKey, int]) -> None:
        self.subjects = Subjects(connection, known)
        self.revisions = SqlRevisions(connection)
        self.folds = SqlFolds(connection, self.subjects)
        self.latencies = SqlLatencies(connection)
        self.transitions = SqlTransitions(connection, self.subjects)
        self.incidents = SqlIncidents(connection)
        self.maintenance = SqlMaintenance(connection)
        self.exclusions = SqlExclusions(connection)
        self.changes = SqlChanges(connection)
        self.outbox = SqlOutbox(connection)
        self.cursors = SqlCursors(connection, "changes")
        self.contracts = SqlContracts(connection)
        self.reports = SqlReports(connection)
        self.credits = SqlCredits(connection)
        self.evidence = SqlEvidence(connection)
        self.rulings = SqlRulings(connection)
        self.clients = SqlClientAddresses(connection)
        self.accounts = SqlAccounts(connection)
        self.subscriptions = SqlSubscriptions(connection)
        self.customer_names = SqlCustomerNames(connection)
        self.problems = SqlProblems(connection)


def lock_out_others(connection: Connection) -> None:
    """Wait until no other transaction of this journal is under way, and keep others out.

    SQLite's BEGIN IMMEDIATE has done it already. Under PostgreSQL's READ COMMITTED every later
    statement sees all that was committed before.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_COUNTER)


def check_epoch(connection: Connection, epoch: int) -> None:
    """Raises Deposed unless this core is the last that took the lease."""
    holder = connection.execute(_HOLDER).one()
    if holder.epoch != epoch:
        raise Deposed(
            f"epoch {epoch} is over: the core on {holder.host} (pid {holder.pid}) holds the "
            f"journal in epoch {holder.epoch}"
        )
