"""The command line: `estado COMMAND`. It imports what it needs when it is called, so that Ctrl-C
ends it quietly from its first moment on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from monitor.cli.completing.line import ASKED, completed_words

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
    app = build_app(_words())
    signal.signal(signal.SIGINT, before)
    app()


def _words() -> Sequence[str]:
    """What was typed; where a shell asks for completions, what stands on its line."""
    if ASKED in os.environ:
        return completed_words(os.environ)
    return sys.argv[1:] or ("--help",)
