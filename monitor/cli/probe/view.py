"""An observation for people, for programs, and what was said on the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.domain.checks.observation import FailureClass, Json, Observation, Outcome

EXIT_CODES = {Outcome.UP: 0, Outcome.DEGRADED: 1, Outcome.DOWN: 2, Outcome.UNKNOWN: 3}
"""As monitoring plugins define them."""

_STYLES = {
    Outcome.UP: "bold green",
    Outcome.DEGRADED: "bold yellow",
    Outcome.DOWN: "bold red",
    Outcome.UNKNOWN: "bold blue",
}
_SHOWN_LINES = 40
_UNESCAPED = re.compile("[\x7f-\x9f]")
"""Controls that JSON leaves as they are."""


def as_json(observation: Observation) -> str:
    return one_line(
        {
            "outcome": observation.outcome.value,
            "failure": observation.failure,
            "message": observation.message,
            "phases_ms": dict(observation.phases_ms),
            "evidence": dict(observation.evidence),
        }
    )


def one_line(found: Mapping[str, Any]) -> str:
    """One JSON object on one line, without a character that a terminal would act on."""
    text = json.dumps(dict(found), ensure_ascii=False)
    return _UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def show(
    console: Console, kind: str, target: str, observation: Observation, failure: FailureClass | None
) -> None:
    """The verdict, why, the phases with their share of the time, and the evidence."""
    headline = Text.assemble(
        (observation.outcome.value.upper(), _STYLES[observation.outcome]),
        f"  {kind} ",
        (clean(target), "bold"),
    )
    if observation.failure is not None:
        headline.append(f"  {observation.failure}", _STYLES[observation.outcome])
    console.print(headline)
    if observation.message:
        console.print(Text(clean(observation.message)))
    if failure is not None:
        cause, remedy = failure.cause.in_locale("en"), failure.remedy.in_locale("en")
        console.print(Text(f"Cause: {cause}\nRemedy: {remedy}", "dim"))
    if observation.phases_ms:
        console.print(_phases(observation))
    if observation.evidence:
        console.print(_evidence(observation))


def clean(words: str) -> str:
    """The text with nothing that a terminal would act on: a target may send escape sequences."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in words)


class WireView:
    """Prints what goes over the wire as it goes: `>` sent, `<` received, `*` what happened."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def sent(self, words: str) -> None:
        self._print(">", words, "cyan")

    def received(self, words: str) -> None:
        self._print("<", words, "magenta")

    def note(self, words: str) -> None:
        self._print("*", words, "dim")

    def _print(self, mark: str, words: str, style: str) -> None:
        lines = words.replace("\r\n", "\n").rstrip("\n").split("\n") if words else []
        for line in lines[:_SHOWN_LINES]:
            self._console.print(Text(f"{mark} {clean(line)}", style), soft_wrap=True)
        if len(lines) > _SHOWN_LINES:
            self._console.print(Text(f"{mark} ... {len(lines) - _SHOWN_LINES} lines more", style))


def _phases(observation: Observation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Phase")
    table.add_column("ms", justify="right")
    table.add_column("")
    total = observation.total_ms
    for phase, spent in observation.phases_ms.items():
        bar = "▇" * round(24 * spent / total) if total else ""
        table.add_row(phase, f"{spent:.2f}", Text(bar, "blue"))
    table.add_row(Text("total", "bold"), Text(f"{total:.2f}", "bold"), "")
    return table


def _evidence(observation: Observation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Evidence")
    table.add_column("", overflow="fold")
    for key, value in _flat("", observation.evidence.items()):
        table.add_row(Text(clean(key)), Text(clean(value)))
    return table


def _flat(prefix: str, items: Iterable[tuple[str, Json]]) -> Iterable[tuple[str, str]]:
    for key, value in items:
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value.items())
        elif isinstance(value, str):
            yield prefix + key, value
        else:
            yield prefix + key, json.dumps(value, ensure_ascii=False)
