"""What the commands about incidents ask for."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from monitor.cli.completing.ids import Ids, ids
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.incident import Incident

Id = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="Such as k3f9a2.",
        show_default=False,
        autocompletion=ids(Ids.INCIDENT),
    ),
]
Es = Annotated[str, typer.Option("--es", help="What the public reads, in Spanish.")]
En = Annotated[str | None, typer.Option("--en", help="The same in English.")]
TitleEs = Annotated[str | None, typer.Option("--title-es", help="A new title, in Spanish.")]
TitleEn = Annotated[str | None, typer.Option("--title-en", help="The same in English.")]
Components = Annotated[
    list[str] | None,
    typer.Option(
        "--component", metavar="ID=STATUS", help="down, degraded, or up (works); again for each."
    ),
]
_STATED = {str(s): s for s in (Outcome.DOWN, Outcome.DEGRADED, Outcome.UP)}


class WrittenPhase(StrEnum):
    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


def read_statuses(given: Sequence[str] | None) -> dict[str, Outcome]:
    """`mail=degraded`, once for each component. Raises BadParameter."""
    found: dict[str, Outcome] = {}
    for one in given or ():
        component, _, status = one.partition("=")
        if status not in _STATED:
            raise typer.BadParameter(f"want {component}=down, =degraded or =up, got {one!r}")
        if component in found:
            raise typer.BadParameter(f"{component} is named twice")
        found[component] = _STATED[status]
    return found


def done(what: str, saved: Incident) -> None:
    typer.echo(f"{saved.id}: {what}; {saved.phase}, revision {saved.revision}")
