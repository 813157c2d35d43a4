"""How a configuration comes to a running core: a file in its data folder, and a signal."""

from __future__ import annotations

import os
import signal
from collections.abc import Set
from pathlib import Path

from credits.contract import Contract
from monitor.domain.incidents.incident import Incident
from monitor.domain.secret import Secret, SecretMissing
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalError
from monitor.roles.preflight import Unusable, ready_folder
from monitor.roles.settings import (
    core_pid_file,
    journal_url,
    pending_config,
    started_config_file,
)

_CORE = b"monitor.roles.core.role"


class NotHandedOver(Exception):
    """The folder or the journal cannot be reached; nothing has changed."""


def running_text(data_dir: Path, configured_url: str | None) -> str | None:
    """The newest revision that the folder's journal stores; None where nothing has run.

    Raises NotHandedOver.
    """
    # Here, for the other commands start without the database's library.
    from monitor.journal.access import open_journal

    if configured_url is None and not (data_dir / "journal.db").exists():
        return None
    try:
        url = _revealed(data_dir, configured_url)
        with open_journal(url) as journal, journal.transaction() as tx:
            newest = tx.revisions.newest()
            return tx.revisions.get(newest).text if newest else None
    except (JournalError, SecretMissing) as error:
        raise NotHandedOver(f"cannot read the running revision: {error}") from error


def contracts_naming(
    lost: Set[str], data_dir: Path, configured_url: str | None, now: Second
) -> int:
    """How many contracts promise one of these components, in a paid period that is not over.

    Raises NotHandedOver.
    """
    # Here, for the other commands start without the database's library.
    from monitor.journal.access import open_journal

    try:
        url = _revealed(data_dir, configured_url)
        with open_journal(url) as journal, journal.transaction() as tx:
            return sum(_names(contract, lost, now) for contract in tx.contracts.every())
    except (JournalError, SecretMissing) as error:
        raise NotHandedOver(f"cannot read the contracts: {error}") from error


def open_incidents(data_dir: Path, configured_url: str | None) -> tuple[Incident, ...]:
    """Those that are not resolved. Raises NotHandedOver."""
    # Here, for the other commands start without the database's library.
    from monitor.journal.access import open_journal

    try:
        url = _revealed(data_dir, configured_url)
        with open_journal(url) as journal, journal.transaction() as tx:
            return tx.incidents.unresolved()
    except (JournalError, SecretMissing) as error:
        raise NotHandedOver(f"cannot read the incidents: {error}") from error


def _names(contract: Contract, lost: Set[str], now: Second) -> bool:
    return any(
        terms_period.period.end > now and lost & set(terms_period.terms.required or ())
        for terms_period in contract.terms
    )


def started_config(data_dir: Path) -> Path | None:
    """The file that the folder's newest core was started with; None where nothing has run."""
    try:
        written = started_config_file(data_dir).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return Path(written.removesuffix("\n"))


def place(text: str, data_dir: Path) -> None:
    """Leave the text where the core picks it up: whole, or not at all. Raises NotHandedOver."""
    target = pending_config(data_dir)
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        ready_folder(data_dir)
        with aside.open("w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        aside.replace(target)
    except Unusable as error:
        raise NotHandedOver(str(error)) from error
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise NotHandedOver(f"cannot write {target}: {error.strerror}") from error


def call_core(data_dir: Path) -> bool:
    """Make the folder's core read it; False where none is running. Raises NotHandedOver."""
    try:
        pid = int(core_pid_file(data_dir).read_text("ascii"))
    except (OSError, ValueError):
        return False
    if not _is_core(pid):
        return False
    try:
        os.kill(pid, signal.SIGHUP)
    except ProcessLookupError:
        return False
    except PermissionError as error:
        raise NotHandedOver(
            f"the core runs as another user (process {pid}): send it SIGHUP as that user"
        ) from error
    return True


def _is_core(pid: int) -> bool:
    """The number may belong to another program by now, which SIGHUP would end."""
    try:
        return _CORE in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _revealed(data_dir: Path, configured_url: str | None) -> str:
    url = journal_url(data_dir, configured_url)
    return Secret(url).reveal() if url.startswith(("${", "file:")) else url
