"""`estado state`: what everything is now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import typer
from rich.text import Text as Styled

from monitor.cli.acting import JsonOption, acting, print_json, print_table
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.wide_console import untrusted_text
from monitor.client.reading import Fields

_STYLES = {"up": "green", "degraded": "yellow", "down": "red", "unknown": "blue"}
_FAILED = ("down", "degraded")
_COMPONENT = ("component", "name", "status", "since", "cause", "incidents", "maintenance")
_CHECK = ("check", "location", "status", "last run", "failure", "message")


def register(app: typer.Typer) -> None:
    app.command()(state)


def state(
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show what each component is now, and which checks fail.

    A component is what its checks' results have confirmed; what was up and is silent now is
    unknown.
    """
    with acting(url, config, data_dir) as product:
        document = product.state.now()
        if as_json:
            print_json(document)
        else:
            _show(Fields(document))


def _show(found: Fields) -> None:
    components = found.each("components", _component)
    print_table(_COMPONENT, components)
    failing = [row for rows in found.each("checks", _failing) for row in rows]
    if failing:
        typer.echo("")
        print_table(_CHECK, failing)
    typer.echo(f"\nAt {_time(found.text('read_at'))}, by revision {found.number('revision')}.")


def _component(found: Fields) -> tuple[Any, ...]:
    return (
        Styled(found.text("id"), style="bold"),
        untrusted_text(found.words("name").in_locale("es")),
        _status(found.text("status")),
        _time(found.text_or_none("since")),
        found.text("cause") or "-",
        " ".join(found.texts("incidents")) or "-",
        " ".join(found.texts("maintenance")) or "-",
    )


def _failing(found: Fields) -> Sequence[tuple[Any, ...]]:
    return list(_failing_rows(found.text("id"), found.each("last", _itself)))


def _itself(found: Fields) -> Fields:
    return found


def _failing_rows(check: str, last: Sequence[Fields]) -> Iterator[tuple[Any, ...]]:
    for found in last:
        if found.text("status") in _FAILED:
            yield (
                Styled(check, style="bold"),
                untrusted_text(found.text("location")),
                _status(found.text("status")),
                _time(found.text_or_none("at")),
                found.text_or_none("failure") or "-",
                untrusted_text(found.text("message")),
            )


def _status(status: str) -> Styled:
    return Styled(status, style=_STYLES.get(status, ""))


def _time(written: str | None) -> str:
    """In the company's zone, in which it is written."""
    return "-" if written is None else f"{datetime.fromisoformat(written):%Y-%m-%d %H:%M:%S}"
