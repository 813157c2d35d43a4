"""The journal in SQLite or PostgreSQL: open it, take its lease, bring it up to date."""

from monitor.journal.copying import Copied, CopyStage, Watch, copy_journal
from monitor.journal.integrity import check_integrity
from monitor.journal.journal import SqlJournal, open_journal, open_journal_to_read
from monitor.journal.locks.lease import SqlLease, open_lease
from monitor.journal.migrate import Migrated, migrate
from monitor.journal.recovery import RecoveredTable, recover
from monitor.journal.schema import SchemaState, schema_state
from monitor.journal.size import journal_bytes

__all__ = [
    "Copied",
    "CopyStage",
    "Migrated",
    "RecoveredTable",
    "SchemaState",
    "SqlJournal",
    "SqlLease",
    "Watch",
    "check_integrity",
    "copy_journal",
    "journal_bytes",
    "migrate",
    "open_journal",
    "open_journal_to_read",
    "open_lease",
    "recover",
    "schema_state",
]
