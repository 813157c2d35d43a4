"""Copying a whole journal into another database: SQLite to PostgreSQL, or back."""

from monitor.journal.copying.copy import Copied, CopyStage, Watch, copy_journal

__all__ = ["Copied", "CopyStage", "Watch", "copy_journal"]
