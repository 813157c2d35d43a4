"""The journal in SQLite or PostgreSQL: open it, hold it, bring it up to date."""

from monitor.adapters.journal.copying import Copied, Stage, Watch, copy_journal
from monitor.adapters.journal.integrity import check_integrity
from monitor.adapters.journal.journal import SqlJournal, open_journal, open_journal_to_read
from monitor.adapters.journal.lease import SqlLease, open_lease
from monitor.adapters.journal.migrating import Migrated, migrate
from monitor.adapters.journal.recovering import RecoveredTable, recover
from monitor.adapters.journal.schema import SchemaState, schema_state

__all__ = [
    "Copied",
    "Migrated",
    "RecoveredTable",
    "SchemaState",
    "SqlJournal",
    "SqlLease",
    "Stage",
    "Watch",
    "check_integrity",
    "copy_journal",
    "migrate",
    "open_journal",
    "open_journal_to_read",
    "open_lease",
    "recover",
    "schema_state",
]
