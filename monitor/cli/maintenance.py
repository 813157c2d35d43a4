"""`estado maintenance`: planned work, announced before it begins."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text as Styled

from monitor.cli.acting import (
    JsonOption,
    RevisionOption,
    acting,
    iso_time,
    local_time,
    print_json,
    print_table,
    words,
)
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.times import read_time
from monitor.client.ports import Product
from monitor.client.views import Labels, NewWindowView, WindowView
from monitor.domain.maintenance import MaintenancePhase

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
    group.command()(extend)
    group.command()(cancel)
    app.add_typer(group, name="maintenance")


def add(
    component: Annotated[
        list[str],
        typer.Option(
            "--component",
            help="A component's id; again for each.",
            autocompletion=ids(Ids.COMPONENT),
        ),
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
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Announce a window with its day, hours and impact.

    [bold]estado maintenance add --component web-1 --start 2026-04-19T02:00 --end 2026-04-19T04:00
    --title "Servidor web 1: actualización" --impact "Sitios sin servicio unos minutos."[/]
    """
    with acting(url, config, data_dir, creates=True) as product:
        zone, now = product.labels().zone, product.now()
        saved = product.maintenance.add(
            title=words(title, title_en),
            impact=words(impact, impact_en),
            start=read_time(start, zone, now),
            end=read_time(end, zone, now),
            components=tuple(component),
            reason=reason,
        )
        _print_added(saved, product, as_json=as_json)


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Past and cancelled ones too.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List active and coming windows."""
    with acting(url, config, data_dir) as product:
        found = product.maintenance.listed(with_past=all_)
        labels = product.labels([c for shown in found for c in shown.window.components])
        if as_json:
            print_json([_json(shown, labels) for shown in found])
        elif found:
            columns = ("id", "phase", "from", "to", "components", "title", "override")
            print_table(columns, [_row(shown, labels) for shown in found])
        else:
            typer.echo("No maintenance is planned. Announce some: estado maintenance add --help")


def extend(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The window's.",
            show_default=False,
            autocompletion=ids(Ids.WINDOW),
        ),
    ],
    end: Annotated[str, typer.Option("--end", help="The new end: 2026-04-19T05:00, local time.")],
    reason: Annotated[
        str, typer.Option("--reason", help="Why outside the allowed hours or without notice.")
    ] = "",
    revision: RevisionOption = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Put a window's end off, up to an hour after it.

    What was added counts against the guarantee until the page shows it, and for the notice that
    the terms want after that; so does an outage that runs by then, until it ends.
    """
    with acting(url, config, data_dir) as product:
        labels = product.labels()
        until = read_time(end, labels.zone, product.now())
        saved = product.maintenance.extend(wanted, end=until, reason=reason, revision=revision)
        if as_json:
            print_json(_json(saved, labels))
        else:
            to = local_time(saved.window.end, labels.zone)
            typer.echo(f"{saved.window.id}: to {to}; public with the page's next publication")


def cancel(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The window's.",
            show_default=False,
            autocompletion=ids(Ids.WINDOW),
        ),
    ],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log.")] = "",
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Cancel a window; one that runs ends now."""
    with acting(url, config, data_dir) as product:
        saved = product.maintenance.cancel(wanted, reason=reason, revision=revision)
        what = "ended" if saved.window.was_ended_early else "cancelled"
        typer.echo(f"{saved.window.id}: {what}")


def _print_added(saved: NewWindowView, product: Product, *, as_json: bool) -> None:
    window, labels = saved.window, product.labels(saved.window.components)
    if as_json:
        in_trouble = [
            {"component": s.component, "status": str(s.status),
             "since": iso_time(s.since, labels.zone)}
            for s in saved.already_failing
        ]  # fmt: skip
        print_json({**_json(saved, labels), "already_in_trouble": in_trouble})
    else:
        from_, to = (local_time(at, labels.zone) for at in (window.start, window.end))
        typer.echo(f"{window.id}: {from_} to {to}; public with the page's next publication")
    _warn_of_what_counts(saved, labels)


def _warn_of_what_counts(saved: NewWindowView, labels: Labels) -> None:
    if not saved.is_excluded:
        typer.echo("Announced too late for the guarantee: its downtime counts.", err=True)
        return
    for failing in saved.already_failing:
        name, since = labels.component(failing.component), local_time(failing.since, labels.zone)
        typer.echo(
            f"{name} is {failing.status} already, since {since}: that counts against the "
            "guarantee until it ends; the window takes nothing of it out.",
            err=True,
        )


def _row(shown: WindowView, labels: Labels) -> tuple[Any, ...]:
    window, zone = shown.window, labels.zone
    return (
        Styled(window.id, style="bold"),
        Styled(str(shown.phase), style=_PHASES[shown.phase]),
        local_time(window.start, zone),
        local_time(window.end, zone),
        Styled(", ".join(map(labels.component, window.components))),
        Styled(window.title.in_locale("es")),
        Styled(window.reason, style="dim"),
    )


def _json(shown: WindowView, labels: Labels) -> dict[str, Any]:
    window, zone = shown.window, labels.zone
    return {
        "id": window.id,
        "revision": window.revision,
        "phase": str(shown.phase),
        "title": dict(window.title.by_locale),
        "impact": dict(window.impact.by_locale),
        "start": iso_time(window.start, zone),
        "end": iso_time(window.end, zone),
        "components": list(window.components),
        "published_at": iso_time(window.published_at, zone),
        "cancelled_at": iso_time(window.cancelled_at, zone),
        "extensions": [
            {"start": iso_time(added.start, zone), "end": iso_time(added.end, zone),
             "published_at": iso_time(added.published_at, zone)}
            for added in window.extensions
        ],
        "is_excluded": shown.is_excluded,
        "reason": window.reason or None,
        "created_by": window.created_by,
    }  # fmt: skip
