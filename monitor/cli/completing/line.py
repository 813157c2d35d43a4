"""What a shell asks that completes a line: Typer answers, and this says what stands on the line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

ASKED = "_ESTADO_COMPLETE"
"""Set by the script that `estado --install-completion` writes."""


def completed_words(environment: Mapping[str, str]) -> Sequence[str]:
    """The words of the line, without the command's own name; an empty one where there are none."""
    line = environment.get("COMP_WORDS") or environment.get("_TYPER_COMPLETE_ARGS") or ""
    try:
        typed = shlex.split(line)
    except ValueError:
        # A quotation that is still open.
        typed = line.split()
    return typed[1:] or ("",)
