"""Ids that a shell completes: of the product that the line is about, in a moment or not at all.
Whatever goes wrong, nothing is offered and nothing is said: somebody is in the middle of a line."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from enum import StrEnum
from pathlib import Path
from threading import Thread

import typer

LIMIT_S = 0.6
"""Python and Typer take some tenths of a second before."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""Ours are such. Shells put an id on the line as it is: anything else would be run with it."""
_ACTED_ON = re.compile(r"""[\\$`"'\[\]<>|;&!{}]+""")
"""zsh evaluates what is shown beside an id, and a backslash undoes Typer's quotation of it. Typer
takes brackets for markup, and fails where that is none."""
_LONGEST = 80
MOST_CREDITS = 200
"""The newest; a bad night has thousands."""

Offer = tuple[str, str]
"""An id, and what zsh and fish show beside it."""


class Ids(StrEnum):
    INCIDENT = "incident"
    WINDOW = "window"
    EXCLUSION = "exclusion"
    CREDIT = "credit"
    RULING = "ruling"
    CHECK = "check"
    COMPONENT = "component"
    SERVICE = "service"
    ACCOUNT = "account"
    TOKEN = "token"  # noqa: S105 - of ids, none is a secret
    PRIVATE_PAGE = "private_page"
    PAGE_LINK = "page_link"


def ids(wanted: Ids) -> Callable[[typer.Context, str], list[Offer]]:
    """For `autocompletion` of an argument or an option."""

    def completed(context: typer.Context, incomplete: str) -> list[Offer]:
        found = within(LIMIT_S, lambda: _known(wanted, context))
        return [
            (name, _shown(words))
            for name, words in found
            if _ID.fullmatch(name) and name.startswith(incomplete)
        ]

    return completed


def _shown(words: str) -> str:
    """What others wrote, as a shell may be told it.

    >>> _shown("Mail [/b] \\\\$(reboot)")
    'Mail /b (reboot)'
    """
    plain = "".join(c if c.isprintable() else " " for c in _ACTED_ON.sub(" ", words))
    return " ".join(plain.split())[:_LONGEST]


def within(seconds: float, work: Callable[[], Iterable[Offer]]) -> Sequence[Offer]:
    """What the work gives, in silence; nothing where it fails or takes longer. It goes on by itself
    then, until the process ends, which is at once."""
    found: list[Offer] = []

    def done() -> None:
        try:
            found.extend(work())
        except (Exception, SystemExit):  # noqa: BLE001 - see above
            found.clear()

    thread = Thread(target=done, daemon=True)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        thread.start()
        thread.join(seconds)
        return [] if thread.is_alive() else found


def _known(wanted: Ids, context: typer.Context) -> Iterable[Offer]:
    # Imported here: a line that asks for no ids is completed without them.
    from monitor.cli.product.elsewhere import meant_door

    url = context.params.get("url") or context.find_root().params.get("url")
    config, data_dir = context.params.get("config"), context.params.get("data_dir")
    door = meant_door(url, is_here=config is not None or data_dir is not None)
    if door is not None:
        from monitor.cli.completing.there import known_there

        return known_there(wanted, door, LIMIT_S)
    from monitor.cli.completing.here import known_here
    from monitor.roles.settings import DEFAULT_DATA_DIR, default_config

    return known_here(
        wanted, Path(config) if config else default_config(), Path(data_dir or DEFAULT_DATA_DIR)
    )
