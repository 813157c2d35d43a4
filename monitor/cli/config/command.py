"""`estado config`: check the configuration, describe it to editors, hand it to the core."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from monitor.cli.acting import acting
from monitor.cli.app import COMMANDS
from monitor.cli.config import in_force
from monitor.cli.config.handover import (
    NotHandedOver,
    call_core,
    contracts_naming,
    open_incidents,
    place,
    running_text,
    started_config,
)
from monitor.cli.options import UrlOption
from monitor.config import (
    ConfigErrors,
    compile_catalogue,
    difference,
    json_schema,
    older_keys_in,
    read_config,
    reference,
    summary,
    warnings_of,
)
from monitor.config.errors import ConfigError
from monitor.config.posted import counts_of
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.rollup import checks_the_same
from monitor.roles.registries import registries, unusable_plugins
from monitor.roles.settings import DEFAULT_DATA_DIR, pending_config
from monitor.runtime.system_clock import SystemClock

EXIT_FAULTY = 2
_STYLES = {"+": "green", "-": "red", "~": "yellow"}

File = Annotated[Path, typer.Argument(help="The configuration.", show_default=False)]
DataDir = Annotated[Path, typer.Option("--data-dir", "-d", help="The running product's folder.")]


def register(app: typer.Typer) -> None:
    config = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="Check the configuration, describe it to editors, hand it to the running core.",
        callback=_require_reach,
    )
    config.command()(check)
    config.command()(schema)
    config.command()(apply)
    in_force.register(config)
    app.add_typer(config, name="config")


def _require_reach(context: typer.Context) -> None:
    """A door is named before the command too, where only some of the group go there."""
    url, name = context.find_root().params.get("url"), context.invoked_subcommand
    if url is not None and name in COMMANDS["config"].here_alone:
        raise typer.BadParameter(f"estado config {name} works on this host alone: leave out --url")


def check(file: File, url: UrlOption = None) -> None:
    """List everything that is wrong with FILE, each with its line, and what is unwise.

    Exits 0 when FILE may run, 2 when not. Nothing is changed and nothing is looked up. With
    [bold]--url[/] the product there says it, by its own version and plugins; a login alone sends
    no file away.
    """
    if url is not None:
        _check_there(file, url)
        return
    text, catalogue = _read_or_exit(file)
    _warn(text, catalogue)
    typer.echo(f"{file}: {_size(counts_of(catalogue))}")


def _check_there(file: Path, url: str) -> None:
    try:
        with acting(url, None, None) as product:
            found = product.configuration.check(file)
    except OSError as error:
        _fail_unread(file, error)
    if found["error_count"]:
        errors = (
            ConfigError(
                filename=str(file), line=one["line"], path=one["path"], wanted=one["wanted"],
                got=one["got"],
            )
            for one in found["errors"]
        )  # fmt: skip
        _fail_faulty(ConfigErrors(errors), found["error_count"])
    _print_warnings(found["warnings"])
    typer.echo(f"{file}: {_size(found['counts'])}")


def schema(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="A reference for people instead of the JSON Schema.")
    ] = False,
) -> None:
    """Print the JSON Schema of the configuration, for editors.

    An editor finds it by the file's first line:
    [bold]# yaml-language-server: $schema=./services.schema.json[/]
    """
    if markdown:
        typer.echo(reference(registries()), nl=False)
    else:
        typer.echo(json.dumps(json_schema(registries()), indent=2, ensure_ascii=False))


def apply(
    file: File,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and leave it at that.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Show every single difference instead of a summary.")
    ] = False,
) -> None:
    """Check FILE, sum up what it changes, and hand it to the core of a data folder.

    The core alone compiles it: it is in force from the next whole minute on, and no second before.
    A faulty file changes nothing. Apply the file that [bold]estado run[/] is started with: a
    restart reads that one.
    """
    text, catalogue = _read_or_exit(file)
    _warn(text, catalogue)
    _warn_of_another_file(file, data_dir)
    try:
        before = _show_difference(text, catalogue, data_dir, is_full=full)
        if before is not None:
            _warn_of_contracts(before, catalogue, data_dir)
            _warn_of_incidents(before, catalogue, data_dir)
            _warn_of_private(before, catalogue)
        if dry_run:
            return
        place(text, data_dir)
        is_called = call_core(data_dir)
    except NotHandedOver as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if is_called:
        typer.echo("Handed to the core: it holds from the next whole minute on.")
    else:
        typer.echo(f"No core is running here: it waits in {pending_config(data_dir)}.")


def _read_or_exit(file: Path) -> tuple[str, Catalogue]:
    try:
        text = read_config(file)
        return text, compile_catalogue(text, filename=str(file), registries=registries())
    except ConfigErrors as errors:
        _fail_faulty(errors, len(errors.errors))
    except OSError as error:
        _fail_unread(file, error)


def _fail_faulty(errors: ConfigErrors, count: int) -> NoReturn:
    typer.echo(str(errors), err=True)
    typer.echo(_count(count, "error"), err=True)
    raise typer.Exit(EXIT_FAULTY) from errors


def _fail_unread(file: Path, error: OSError) -> NoReturn:
    typer.echo(f"{file}: {error.strerror}", err=True)
    raise typer.Exit(EXIT_FAULTY) from error


def _warn(text: str, catalogue: Catalogue) -> None:
    _print_warnings((*warnings_of(catalogue), *older_keys_in(text), *unusable_plugins()))


def _print_warnings(warnings: Iterable[str]) -> None:
    out = Console(file=sys.stderr, highlight=False, soft_wrap=True)
    for warning in warnings:
        out.print(Text("warning:", style="yellow"), Text(warning))


def _warn_of_contracts(before: Catalogue, catalogue: Catalogue, data_dir: Path) -> None:
    """A component that a contract names stays promised, and nobody will know how it was."""
    watched = (c.id for c in before.components if before.deciding(c.id))
    lost = {component for component in watched if not catalogue.deciding(component)}
    url, now = catalogue.operations.journal_url, SystemClock().now()
    count = contracts_naming(lost, data_dir, url, now) if lost else 0
    if count:
        names = ", ".join(sorted(lost))
        rely = "relies" if count == 1 else "rely"
        _print_warning(
            f"no longer watched: {names}. {_count(count, 'contract')} in a paid period "
            f"{rely} on that: from then on that time counts as unknown."
        )


def _warn_of_incidents(before: Catalogue, catalogue: Catalogue, data_dir: Path) -> None:
    """The outage of a component that will not be checked any more, or not in the same way, is
    closed although nobody saw it recover."""
    for incident in open_incidents(data_dir, catalogue.operations.journal_url):
        parts = (p.component for p in incident.open_parts if before.has(p.component))
        lost = [component for component in parts if _is_unwatched(component, before, catalogue)]
        if lost:
            _print_warning(
                f"incident {incident.id} is open for {', '.join(sorted(lost))}, which is not "
                "watched as before: its outage ends as no longer watched, not as recovered."
            )


def _is_unwatched(component: ComponentId, before: Catalogue, after: Catalogue) -> bool:
    """Whether no check goes on checking it as it is checked now."""
    now = {check.id: check for check in after.deciding(component)}
    return not any(
        check.id in now and checks_the_same(check, now[check.id])
        for check in before.deciding(component)
    )


def _warn_of_private(before: Catalogue, catalogue: Catalogue) -> None:
    private = {c.id for c in catalogue.components if not catalogue.is_shown(c)}
    made = sorted(c.id for c in before.components if before.is_shown(c) and c.id in private)
    if made:
        _print_warning(
            f"made private: {', '.join(made)}. It leaves the page and every published text, its "
            "addresses answer 410, and a new outage of it is told to nobody."
        )


def _print_warning(words: str) -> None:
    typer.secho(f"warning: {words}", err=True, fg="yellow")


def _warn_of_another_file(file: Path, data_dir: Path) -> None:
    started = started_config(data_dir)
    if started is not None and started != file.resolve():
        out = Console(file=sys.stderr, highlight=False, soft_wrap=True)
        words = f"estado run was started with {started}: a restart reads that file, not {file}"
        out.print(Text("warning:", style="yellow"), Text(words))


def _show_difference(
    text: str, catalogue: Catalogue, data_dir: Path, *, is_full: bool
) -> Catalogue | None:
    """Print the difference; return the catalogue that runs, where that is another."""
    running = running_text(data_dir, catalogue.operations.journal_url)
    out = Console(highlight=False, soft_wrap=True)
    if running is None:
        out.print("Nothing has run in this folder yet: everything is new.")
        return None
    if running == text:
        out.print("This very text is the newest revision already.")
        return None
    try:
        before = compile_catalogue(running, filename="revision", registries=registries())
    except ConfigErrors:
        out.print("The running revision was made for another version: no comparison.")
        return None
    found = difference(before, catalogue)
    lines = str(found).splitlines() if is_full or found.is_empty else summary(found)
    for line in lines:
        out.print(line, style=_STYLES.get(line[:1]), markup=False)
    return before


def _size(counts: Mapping[str, int]) -> str:
    """`counts` as `counts_of` has them."""
    named = {"services": "service", "components": "component", "checks": "check"}
    said = [_count(counts[key], noun) for key, noun in (*named.items(), ("routes", "alert route"))]
    return f"good: {', '.join(said)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
