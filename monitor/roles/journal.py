"""Makes the journal ready before a role opens it."""

from __future__ import annotations

from monitor.domain.secret import Secret
from monitor.journal.access import migrate, schema_state


def revealed_url(url: str) -> str:
    """A journal's address; where it is a reference, the address that it stands for. Raises
    SecretMissing."""
    is_reference = url.startswith(("${", "file:"))
    return Secret(url).reveal() if is_reference else url


def has_journal(url: str) -> bool:
    """Whether a SQLite journal is there at all. PostgreSQL counts as there: whatever opens it says
    what it lacks. Raises JournalError."""
    return not url.startswith("sqlite") or schema_state(url) != "empty"


def prepare_journal(url: str) -> bool:
    """Bring a SQLite journal up to date, after copying it. PostgreSQL waits for a person, and
    whatever opens it says what to do. Returns whether there was something to do. Raises
    JournalError."""
    if not url.startswith("sqlite"):
        return False
    state = schema_state(url)
    if state != "current":
        migrate(url, backup=state != "empty")
    return state != "current"
