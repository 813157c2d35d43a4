"""The command line: `estado COMMAND`. It imports what it needs when it is called, so that Ctrl-C
ends it quietly from its first moment on."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer

__all__ = ["build_app", "main"]


def build_app(words: Sequence[str] = ()) -> typer.Typer:
    """The command tree; no more of it than `words` need, where they begin with a command."""
    from monitor.cli.app import build_app as build

    return build(words)


def main() -> None:
    """The `estado` command."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    app = build_app(sys.argv[1:])
    signal.signal(signal.SIGINT, before)
    app()
