"""What the commands for people share: options, the open journal, and refusals as one clear line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from monitor.cli.refusals import typed_refusal
from monitor.cli.wide_console import table_console
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import ComponentId
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalError
from monitor.roles.settings import default_config
from monitor.roles.tools import Tools, open_tools

EXIT_REFUSED = 1
EXIT_UNKNOWN = 2

JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
RevisionOption = Annotated[
    int | None,
    typer.Option("--revision", help="The revision you saw; refused if it has changed since."),
]


@contextmanager
def acting(config: Path | None, data_dir: Path, *, creates: bool = False) -> Iterator[Tools]:
    """Open the journal (see `open_tools`). A refusal ends the command with its reason; nothing has
    changed then."""
    try:
        with open_tools(config or default_config(), data_dir, creates=creates) as tools:
            yield tools
    except NotFound as error:
        _fail(typed_refusal(error), EXIT_UNKNOWN, error)
    except Refused as error:
        _fail(typed_refusal(error), EXIT_REFUSED, error)
    except JournalError as error:
        _fail(f"the journal: {error}", EXIT_REFUSED, error)


def words(es: str, en: str | None) -> Text:
    """A public text. Readers of English get the Spanish text where there is no English one."""
    return Text({"es": es} if en is None else {"es": es, "en": en})


def optional_words(es: str | None, en: str | None) -> Text | None:
    if es is None and en is None:
        return None
    if es is None:
        raise typer.BadParameter("a text in English alone: give the Spanish one too")
    return words(es, en)


def corrected_words(es: str | None, en: str | None) -> Text:
    """The languages of a text that are to be corrected, at least one of them."""
    given = {locale: text for locale, text in (("es", es), ("en", en)) if text is not None}
    if not given:
        raise typer.BadParameter("say what is right: --es, --en or both")
    return Text(given)


def local_time(at: Second | None, catalogue: Catalogue) -> str:
    """`2026-04-16 14:08:30` in the company's zone."""
    if at is None:
        return "-"
    return at_zone(at, catalogue.zone).strftime("%Y-%m-%d %H:%M:%S")


def iso_time(at: Second | None, catalogue: Catalogue) -> str | None:
    return None if at is None else at_zone(at, catalogue.zone).isoformat()


def component_name(component: ComponentId, catalogue: Catalogue) -> str:
    found = next((c for c in catalogue.components if c.id == component), None)
    return found.name.in_locale("es") if found else str(component)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table; in a pipe, plain text of any width."""
    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    table_console().print(table)


def console() -> Console:
    """Colour on a terminal, none in a pipe, where no line is folded either."""
    plain = Console(highlight=False, markup=False)
    return plain if plain.is_terminal else Console(highlight=False, markup=False, width=250)


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _fail(reason: str, code: int, error: Exception) -> None:
    typer.secho(reason, err=True, fg="red")
    raise typer.Exit(code) from error
