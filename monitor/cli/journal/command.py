"""`estado journal`: the journal's database, its schema and where it lives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import ConfigOption, DataDirOption
from monitor.domain.secret import SecretMissing
from monitor.journal.locks.ports import LeaseTaken
from monitor.journal.ports import JournalError
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config, journal_url

if TYPE_CHECKING:
    from monitor.journal.access import Migrated

_REFUSED = 1


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, help="Look after the journal's database.")
    group.command(name="migrate")(migrate)
    group.command(name="copy")(copy)
    group.command(name="recover")(recover)
    app.add_typer(group, name="journal")


def migrate(
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            envvar="ESTADO_JOURNAL_URL",
            help="The database itself, whatever the configuration says: sqlite:///FILE or "
            "postgresql://USER@HOST/DATABASE.",
        ),
    ] = None,
    backup: Annotated[
        bool, typer.Option("--backup/--no-backup", help="Copy a SQLite journal first.")
    ] = True,
) -> None:
    """Bring the journal's schema up to this version's.

    A SQLite journal is copied first, beside itself; [bold]estado run[/] does the same by itself.
    PostgreSQL waits for this command: copy it with pg_dump before. While a core runs nothing is
    changed: stop it first. Repeating it does no harm.
    """
    # Imported here: every other command starts without the database's library.
    from monitor.journal import access as journal

    try:
        where = _revealed(url or _configured_url(config, data_dir))
        done = journal.migrate(where, backup=backup)
    except (JournalError, LeaseTaken, SecretMissing) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_REFUSED) from error
    typer.echo(_report(done))


def copy(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="Where to: postgresql://USER@HOST/DATABASE or sqlite:///FILE, or a reference to "
            "one that holds a password: '${NAME}' or file:/path.",
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option("--from", help="Where from; default the configuration's journal."),
    ] = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    replace_nul: Annotated[
        bool,
        typer.Option(
            "--replace-nul", help="Write ␀ where a text has a NUL, which PostgreSQL cannot."
        ),
    ] = False,
) -> None:
    """Copy the whole journal into an empty database, and check that it is the same there.

    Stop the product first. The source is only read. If the copy is cut short, the same command
    goes on with it; until it has ended nothing can run on the target.
    """
    from monitor.cli.journal.copy import copy_report, watching
    from monitor.journal import access as journal

    try:
        where = _revealed(source or _configured_url(config, data_dir))
        with watching() as watch:
            done = journal.copy_journal(where, _revealed(to), watch, replace_nul=replace_nul)
    except (JournalError, LeaseTaken, SecretMissing) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_REFUSED) from error
    typer.echo(copy_report(done))


def recover(
    source: Annotated[
        Path | None,
        typer.Option("--from", help="The damaged file; default the data folder's journal.db."),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The new file; default journal-recovered.db beside it."),
    ] = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Write what can still be read of a damaged SQLite journal into a new file, table by table.

    The damaged one is only read, and stays where it is: compare the rows, then put the new file
    into its place yourself. PostgreSQL has tools of its own.
    """
    from monitor.journal import access as journal

    damaged = source or _sqlite_journal(config, data_dir)
    new = to or damaged.with_name(f"{damaged.stem}-recovered{damaged.suffix}")
    try:
        done = journal.recover(damaged, new)
    except JournalError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(_REFUSED) from error
    for table in done:
        lacks = "" if table.is_whole else "  (pages of it cannot be read)"
        typer.echo(f"{table.name:<24}{table.rows:>10} rows{lacks}")
    typer.echo(f"Recovered into {new}. {damaged} is as it was. Put the new one into its place,")
    typer.echo("with the product stopped, and start it: the old one's -wal and -shm belong to it.")


def _sqlite_journal(config: Path | None, data_dir: Path) -> Path:
    url = _revealed(_configured_url(config, data_dir))
    if not url.startswith("sqlite:///"):
        typer.echo("the journal is no SQLite file: take PostgreSQL's own tools", err=True)
        raise typer.Exit(_REFUSED)
    return Path(url.removeprefix("sqlite:///"))


def _revealed(url: str) -> str:
    # Imported here: it comes with the database's library.
    from monitor.roles.journal import revealed_url

    return revealed_url(url)


def _configured_url(config: Path | None, data_dir: Path) -> str:
    from monitor.roles.tools import load_catalogue_or_exit

    catalogue = load_catalogue_or_exit(config or default_config())
    return journal_url(data_dir, catalogue.operations.journal_url)


def _report(done: Migrated) -> str:
    if done.before == done.after:
        return f"The schema is up to date ({done.after}): nothing to do."
    lines = [f"The schema went from {done.before or 'nothing'} to {done.after}."]
    if done.backup is not None:
        lines.append(f"The journal as it was: {done.backup}")
    return "\n".join(lines)
