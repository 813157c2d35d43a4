"""What the commands for people share: options, the product that they are about, and refusals as one
clear line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from monitor.cli.refusals import typed_refusal
from monitor.cli.wide_console import table_console
from monitor.client.faults import DoorError, Later, NotAsked, SignInNeeded
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.text import Text
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.roles.settings import DEFAULT_DATA_DIR

if TYPE_CHECKING:
    from monitor.client.ports import Product

_Found = TypeVar("_Found")
EXIT_REFUSED = 1
EXIT_UNKNOWN = 2
EXIT_NO_DOOR = 69
EXIT_LATER = 75
EXIT_SIGN_IN = 77

JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
RevisionOption = Annotated[
    int | None,
    typer.Option("--revision", help="The revision you saw; refused if it has changed since."),
]


@contextmanager
def acting(
    url: str | None, config: Path | None, data_dir: Path | None, *, creates: bool = False
) -> Iterator[Product]:
    """The product that is meant: on this host, or behind a door elsewhere
    (`monitor.cli.product.elsewhere` says when). A refusal ends the command with its reason;
    nothing has changed then."""
    with ending_by_reason(), _opened(url, config, data_dir, creates=creates) as product:
        yield product


@contextmanager
def ending_by_reason() -> Iterator[None]:
    """A refusal, or a door that cannot be asked, ends the command with its reason."""
    try:
        yield
    except NotFound as error:
        fail(typed_refusal(error), EXIT_UNKNOWN, error)
    except Refused as error:
        fail(typed_refusal(error), EXIT_REFUSED, error)
    except DoorError as error:
        fail(str(error), _exit_of(error), error)


def _opened(
    url: str | None, config: Path | None, data_dir: Path | None, *, creates: bool
) -> AbstractContextManager[Product]:
    # Imported here: a command to a door starts without the database, and one here without HTTP.
    from monitor.cli.product.elsewhere import is_named, meant_door, open_door

    door = meant_door(url, is_here=config is not None or data_dir is not None)
    if door is not None:
        return open_door(door, tells=not is_named(url))
    from monitor.cli.product.here import open_here

    return open_here(config, data_dir or DEFAULT_DATA_DIR, creates=creates)


def fail(reason: str, code: int, error: Exception) -> NoReturn:
    typer.secho(reason, err=True, fg="red")
    raise typer.Exit(code) from error


def _exit_of(error: DoorError) -> int:
    """As sysexits.h has them, so that a script can tell what to do about it."""
    match error:
        case SignInNeeded():
            return EXIT_SIGN_IN
        case Later():
            return EXIT_LATER
        case NotAsked():
            return EXIT_UNKNOWN
        case _:
            return EXIT_NO_DOOR


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


def local_time(at: Second | None, zone: ZoneInfo) -> str:
    """`2026-04-16 14:08:30` in the company's zone."""
    if at is None:
        return "-"
    return at_zone(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def iso_time(at: Second | None, zone: ZoneInfo) -> str | None:
    return None if at is None else at_zone(at, zone).isoformat()


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


def print_found(found: _Found, in_words: Callable[[_Found], None], *, as_json: bool) -> None:
    """As `--json` wants it, else in words."""
    if as_json:
        print_json(found)
    else:
        in_words(found)
