"""docs/probes.md, from the registry of probe kinds: `make docs` writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from monitor.cli.probe.settings import describe
from monitor.domain.checks.observation import FailureClass
from probes._kind import ProbeKind
from probes.registry import PROBES, all_failures

PAGE = Path(__file__).resolve().parents[1] / "docs" / "probes.md"

_OPENING = """\
# Probes and failure classes

Written by `make docs` from the registry: change `probes/`, not this page.

`estado probe KIND TARGET` runs one check now and stores nothing; `--set KEY=VALUE` gives a setting,
`--transcript` shows what is said on the wire. In the configuration the same settings stand under a
check's `settings`, beside `probe`, `target`, `interval` and `timeout`, which every kind has: see
[configuration.md](configuration.md). Exit codes: 0 up, 1 degraded, 2 down, 3 unknown, or
typed wrongly: a mistake in the command is never taken for a service that is down.

A check run that fails carries one failure class. *down* and *degraded* are said of the service;
*unknown* is said of ourselves and is nobody's downtime.
"""

_CLASSES = """
## Failure classes

For operators: what it is, why, what to do. What a customer reads of it is on [a page of its
own](wording.md), by the kind of service and in every language. An id means the same with every
kind.
"""


def page(kinds: Mapping[str, ProbeKind], failures: Mapping[str, FailureClass]) -> str:
    """The whole page; the same for the same registry."""
    contents = " · ".join(f"[`{name}`](#{name})" for name in kinds)
    sections = [_OPENING, f"\n{contents} · [failure classes](#failure-classes)\n"]
    sections += map(_kind, kinds.values())
    sections += [_CLASSES, *map(_failure, _sorted(failures.values()))]
    return "".join(sections)


def _kind(kind: ProbeKind) -> str:
    failures = ", ".join(f"[`{one.id}`](#{one.id})" for one in _sorted(kind.failures))
    rows = "".join(_row(*one) for one in describe(kind))
    return (
        f"\n## {kind.name}\n\n"
        f"{kind.summary[0].upper()}{kind.summary[1:]}.\n\n"
        f"```sh\n{kind.example}\n```\n\n"
        f"Phases: {', '.join(kind.phases)}.\n\n"
        f"| Setting | Default | |\n|---|---|---|\n{rows}\n"
        f"Fails as {failures}.\n"
    )


def _row(name: str, default: str, description: str) -> str:
    shown = "from the target" if default == "required" else f"`{default}`" if default else ""
    return f"| `{name}` | {shown} | {_cell(description)} |\n"


def _failure(failure: FailureClass) -> str:
    noticed = failure.symptom.value
    return (
        f"\n### {failure.id}\n\n"
        f"*{failure.outcome.value}*. {failure.summary.in_locale('en')}\n"
        f"- Cause: {failure.cause.in_locale('en')}\n"
        f"- Remedy: {failure.remedy.in_locale('en')}\n"
        f"- What a customer notices: [{noticed}](wording.md#{noticed})\n"
    )


def _sorted(failures: Iterable[FailureClass]) -> list[FailureClass]:
    return sorted(failures, key=lambda failure: failure.id)


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


def write() -> None:
    PAGE.write_text(page(PROBES, all_failures()), encoding="utf-8")
