"""What the short commands need: configuration, journal, clock, and who is typing."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer

from credits.journal import ClosingJournal
from monitor.accounts.ports import AccountsJournal
from monitor.config import ConfigErrors, compile_catalogue, read_config
from monitor.customers.ports import CustomersJournal
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.secret import Secret, SecretMissing
from monitor.domain.time.clock import Clock
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.preflight import Unusable, ready_folder
from monitor.roles.registries import registries
from monitor.roles.settings import journal_url
from monitor.runtime.system_clock import SystemClock
from monitor.subscribers.ports import SubscribersJournal

EXIT_CONFIG = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Handed to a command's use case."""

    catalogue: Catalogue
    journal: ClosingJournal
    accounts: AccountsJournal
    """The same journal, for the commands about accounts and tokens."""
    subscribers: SubscribersJournal
    """The same journal, for the commands about subscribers."""
    customers: CustomersJournal
    """The same journal, for the commands about customers' domains."""
    clock: Clock
    actor: Actor
    url: str
    """The journal's."""
    data_dir: Path


@contextmanager
def open_tools(config: Path, data_dir: Path, *, creates: bool = False) -> Iterator[Tools]:
    """Open the journal that a configuration names, whether or not the product runs beside it.

    With `creates`, one that is not there is created: for what may be written down before anything
    has run. Without it the command ends: it would report "nothing" about the wrong folder.

    Raises JournalError; ends the command with the reason where the configuration is faulty.
    """
    # Imported here: other commands start without the database's library.
    from monitor.journal.access import open_journal
    from monitor.roles.journal import has_journal, prepare_journal

    catalogue = load_catalogue_or_exit(config)
    url = _revealed(journal_url(data_dir, catalogue.operations.journal_url))
    if creates:
        _begin_journal(data_dir, url)
    elif not has_journal(url):
        _exit_without_journal(url)
    prepare_journal(url)
    with open_journal(url) as journal:
        yield Tools(
            catalogue=catalogue,
            journal=journal,
            accounts=journal,
            subscribers=journal,
            customers=journal,
            clock=SystemClock(),
            actor=operator(),
            url=url,
            data_dir=data_dir,
        )


def _begin_journal(data_dir: Path, url: str) -> None:
    """Make the folder, and say where a journal begins that was not there: it may be the wrong
    place. Nobody else on the machine may read either."""
    from monitor.roles.journal import has_journal, prepare_journal

    before = os.umask(0o027)
    try:
        ready_folder_or_exit(data_dir)
        is_new = not has_journal(url)
        prepare_journal(url)
    finally:
        os.umask(before)
    if is_new and url.startswith("sqlite"):
        place = Path(url.removeprefix("sqlite:///")).absolute()
        typer.echo(f"A new journal begins at {place}.", err=True)


def _exit_without_journal(url: str) -> NoReturn:
    typer.echo(
        f"There is no journal at {url.removeprefix('sqlite:///')}: nothing has run there. "
        "Name the product's data folder with -d, its configuration with -c, or start it: "
        "estado run",
        err=True,
    )
    raise typer.Exit(EXIT_CONFIG)


def load_catalogue_or_exit(path: Path) -> Catalogue:
    """Compile a file, or end the command with all its errors."""
    try:
        return compile_catalogue(read_config(path), filename=str(path), registries=registries())
    except ConfigErrors as error:
        typer.echo(str(error), err=True)
    except OSError as error:
        typer.echo(f"{path}: {error.strerror or error}", err=True)
    raise typer.Exit(EXIT_CONFIG)


def ready_folder_or_exit(data_dir: Path) -> None:
    """Make the data folder, or end the command with what is wrong with it."""
    try:
        ready_folder(data_dir)
    except Unusable as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_CANNOT_RUN) from error


def operator() -> Actor:
    """Whoever is typing, by the name of the account."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "operator"
    return Actor(id=name, kind=ActorKind.PERSON, via=Via.SHELL)


def _revealed(url: str) -> str:
    if not url.startswith(("${", "file:")):
        return url
    try:
        return Secret(url).reveal()
    except SecretMissing as error:
        typer.echo(f"operations.journal: {error}", err=True)
        raise typer.Exit(EXIT_CONFIG) from error
