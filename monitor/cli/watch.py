"""`estado watch`: what changes, as it comes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text as Styled

from monitor.cli.acting import acting, console
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.client.reading import Fields
from monitor.client.views import Followed, Notice

_STYLES = {"up": "green", "degraded": "yellow", "down": "red", "unknown": "blue"}
"""Of a check, by what it has become."""
_OF_TOPIC = {"incident": "bold", "maintenance": "cyan", "monitor": "magenta"}


def register(app: typer.Typer) -> None:
    app.command()(watch)


def watch(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, as the API answers it.")
    ] = False,
    count: Annotated[
        int | None,
        typer.Option("--count", "-n", min=1, help="End after so many.", show_default=False),
    ] = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Follow what changes from now on: checks, incidents, maintenance, configuration, the monitor.

    A line each, until Ctrl-C. A door that starts anew is waited for, and nothing that happened
    meanwhile is left out; where that is not so, it is said.
    """
    with _ended_by_hand(), acting(url, config, data_dir) as product:
        shown = console()
        for found in islice(_events(product.events.follow()), count):
            if as_json:
                typer.echo(json.dumps(found.found, ensure_ascii=False))
            else:
                _show(shown, found)


def _events(followed: Iterator[Followed]) -> Iterator[Fields]:
    """Without the notices, which go to standard error."""
    for found in followed:
        if isinstance(found, Notice):
            typer.secho(found.words, err=True, fg="yellow")
        else:
            yield Fields.of(found)


@contextmanager
def _ended_by_hand() -> Iterator[None]:
    """Ctrl-C is how this ends, and no failure."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("", err=True)


def _show(shown: Console, found: Fields) -> None:
    at = datetime.fromisoformat(found.text("at"))
    kind = found.text("kind")
    line = Styled.assemble(
        f"{at:%Y-%m-%d %H:%M:%S}  ", (f"{kind:<24} ", _style(found.text("topic"), kind)),
        (found.text("subject"), "bold"), _about(found),
    )  # fmt: skip
    shown.print(line, soft_wrap=True)


def _style(topic: str, kind: str) -> str:
    return _STYLES.get(kind.partition(".")[2], "") if topic == "check" else _OF_TOPIC.get(topic, "")


def _about(found: Fields) -> str:
    components: Any = found.texts("components")
    return f"  {' '.join(components)}" if components else ""
