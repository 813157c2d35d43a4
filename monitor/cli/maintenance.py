"""`estado maintenance`: planned work, announced before it begins."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text as Styled

from monitor.cli.acting import (
    JsonOption,
    RevisionOption,
    acting,
    component_name,
    iso_time,
    local_time,
    print_json,
    print_table,
    words,
)
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.times import read_time
from monitor.domain.maintenance import MaintenancePhase, MaintenanceWindow
from monitor.incidents.maintenance_commands import MaintenanceCommands
from monitor.roles.settings import DEFAULT_DATA_DIR
from monitor.roles.tools import Tools

_PHASES = {
    MaintenancePhase.SCHEDULED: "blue",
    MaintenancePhase.IN_PROGRESS: "magenta",
    MaintenancePhase.COMPLETED: "green",
    MaintenancePhase.CANCELLED: "dim",
}


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "Announce planned work.\n\n"
            "Inside its window a component shows [bold]mantenimiento[/]: no incident, no alert. "
            "Probes go on. Still down at the end, an incident opens and says since when. Published "
            "in time, the window does not count against the guarantee; an outage that had begun "
            "before it was published does, until it ends."
        ),
        short_help="Announce planned work.",
    )
    group.command()(add)
    group.command(name="list")(list_)
    group.command()(cancel)
    app.add_typer(group, name="maintenance")


def add(
    component: Annotated[
        list[str], typer.Option("--component", help="A component's id; again for each.")
    ],
    start: Annotated[str, typer.Option("--start", help="2026-04-19T02:00, local time; or now.")],
    end: Annotated[str, typer.Option("--end", help="2026-04-19T04:00, local time.")],
    title: Annotated[str, typer.Option("--title", help="What is done, in Spanish.")],
    impact: Annotated[str, typer.Option("--impact", help="What customers notice, in Spanish.")],
    title_en: Annotated[str | None, typer.Option("--title-en", help="In English.")] = None,
    impact_en: Annotated[str | None, typer.Option("--impact-en", help="In English.")] = None,
    reason: Annotated[
        str, typer.Option("--reason", help="Why outside the allowed hours or without notice.")
    ] = "",
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Announce a window with its day, hours and impact.

    [bold]estado maintenance add --component web-1 --start 2026-04-19T02:00 --end 2026-04-19T04:00
    --title "Servidor web 1: actualización" --impact "Sitios sin servicio unos minutos."[/]
    """
    with acting(config, data_dir, creates=True) as tools:
        commands, zone = _commands(tools), tools.catalogue.zone
        now = tools.clock.now()
        saved = commands.add(
            title=words(title, title_en),
            impact=words(impact, impact_en),
            start=read_time(start, zone, now),
            end=read_time(end, zone, now),
            components=tuple(component),
            reason=reason,
        )
        if as_json:
            in_trouble = [
                {"component": s.component, "status": str(s.status),
                 "since": iso_time(s.since, tools.catalogue)}
                for s in commands.already_failing(saved)
            ]  # fmt: skip
            print_json({**_json(saved, tools), "already_in_trouble": in_trouble})
        else:
            from_, to = (local_time(at, tools.catalogue) for at in (saved.start, saved.end))
            typer.echo(f"{saved.id}: {from_} to {to}; public with the page's next publication")
        _warn_of_what_counts(saved, commands, tools)


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Past and cancelled ones too.")] = False,
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """List active and coming windows."""
    with acting(config, data_dir) as tools:
        found = _commands(tools).listed(with_past=all_)
        if as_json:
            print_json([_json(window, tools) for window in found])
        elif found:
            columns = ("id", "phase", "from", "to", "components", "title", "override")
            print_table(columns, [_row(window, tools) for window in found])
        else:
            typer.echo("No maintenance is planned. Announce some: estado maintenance add --help")


def cancel(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="The window's.", show_default=False)],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log.")] = "",
    revision: RevisionOption = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Cancel a window; one that runs ends now."""
    with acting(config, data_dir) as tools:
        saved = _commands(tools).cancel(wanted, reason=reason, revision=revision)
        typer.echo(f"{saved.id}: cancelled")


def _warn_of_what_counts(
    saved: MaintenanceWindow, commands: MaintenanceCommands, tools: Tools
) -> None:
    if not commands.is_excluded(saved):
        typer.echo("Announced too late for the guarantee: its downtime counts.", err=True)
        return
    for component_status in commands.already_failing(saved):
        name = component_name(component_status.component, tools.catalogue)
        since = local_time(component_status.since, tools.catalogue)
        typer.echo(
            f"{name} is {component_status.status} already, since {since}: that counts against the "
            "guarantee until it ends; the window takes nothing of it out.",
            err=True,
        )


def _commands(tools: Tools) -> MaintenanceCommands:
    return MaintenanceCommands(
        journal=tools.journal,
        catalogue=tools.catalogue,
        clock=tools.clock,
        actor=tools.actor,
    )


def _row(window: MaintenanceWindow, tools: Tools) -> tuple[Any, ...]:
    phase = window.phase(tools.clock.now())
    return (
        Styled(window.id, style="bold"),
        Styled(str(phase), style=_PHASES[phase]),
        local_time(window.start, tools.catalogue),
        local_time(window.end, tools.catalogue),
        Styled(", ".join(component_name(c, tools.catalogue) for c in window.components)),
        Styled(window.title.in_locale("es")),
        Styled(window.reason, style="dim"),
    )


def _never_ran(window: MaintenanceWindow) -> bool:
    return window.cancelled_at is not None and window.cancelled_at <= window.start


def _json(window: MaintenanceWindow, tools: Tools) -> dict[str, Any]:
    catalogue = tools.catalogue
    return {
        "id": window.id,
        "revision": window.revision,
        "phase": str(window.phase(tools.clock.now())),
        "title": dict(window.title.by_locale),
        "impact": dict(window.impact.by_locale),
        "start": iso_time(window.start, catalogue),
        "end": iso_time(window.end, catalogue),
        "components": list(window.components),
        "published_at": iso_time(window.published_at, catalogue),
        "cancelled_at": iso_time(window.cancelled_at, catalogue),
        "is_excluded": _commands(tools).is_excluded(window) and not _never_ran(window),
        "reason": window.reason or None,
        "created_by": window.created_by,
    }
