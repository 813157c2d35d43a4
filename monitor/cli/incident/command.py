"""`estado incident`: what is wrong now, and what the public reads about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text as Styled

from monitor.cli.acting import (
    JsonOption,
    RevisionOption,
    acting,
    console,
    corrected_words,
    local_time,
    optional_words,
    print_json,
    print_table,
    words,
)
from monitor.cli.incident import by_hand
from monitor.cli.incident.options import (
    Components,
    En,
    Es,
    Id,
    TitleEn,
    TitleEs,
    WrittenPhase,
    done,
    read_statuses,
)
from monitor.cli.incident.view import as_json, show_incident, styled_phase
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.domain.incidents.incident import Incident, Phase
from monitor.incidents.commands import IncidentCommands
from monitor.roles.settings import DEFAULT_DATA_DIR
from monitor.roles.tools import Tools

CorrectedEs = Annotated[
    str | None, typer.Option("--es", help="The right words in Spanish; default: unchanged.")
]
CorrectedEn = Annotated[
    str | None, typer.Option("--en", help="The right words in English; default: unchanged.")
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help=(
            "See the incidents and tell the public about them.\n\n"
            "The machine opens, watches and resolves incidents by itself. What a person writes "
            "stands beside its texts and is shown instead; a corrected text keeps its former ones."
        ),
        short_help="See incidents, tell the public about them.",
    )
    group.command(name="list")(list_)
    group.command()(show)
    group.command()(update)
    group.command()(edit)
    group.command()(resolve)
    by_hand.register(group)
    app.add_typer(group, name="incident")


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those of the last 90 days too.")] = False,
    as_json_: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """List the open incidents."""
    with acting(config, data_dir) as tools:
        commands = _commands(tools)
        found = commands.recent() if all_ else commands.unresolved()
        if as_json_:
            print_json([as_json(i, tools.catalogue) for i in found])
        else:
            _print_list(found, tools)


def show(
    wanted: Id,
    as_json_: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show one incident: its components, its public record, the messages about it."""
    with acting(config, data_dir) as tools:
        found, notifications = _commands(tools).show(wanted)
        if as_json_:
            print_json(as_json(found, tools.catalogue, notifications))
        else:
            show_incident(console(), found, notifications, tools.catalogue)


def update(
    wanted: Id,
    es: Es,
    en: En = None,
    phase: Annotated[
        WrittenPhase | None, typer.Option("--phase", help="How far you are; default: unchanged.")
    ] = None,
    title_es: TitleEs = None,
    title_en: TitleEn = None,
    component: Components = None,
    revision: RevisionOption = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Publish what you know, what it means for the customer, and when you will say more.

    [bold]estado incident update k3f9a2 --phase identified --es "Falló un disco. …"[/]

    With --phase identified or monitoring the page says [bold]en reparación[/] instead of
    [bold]caído[/]; reminders stop. With --component you say yourself how one fares: the page shows
    the worse of that and of what the checks see, until you say =up.
    """
    with acting(config, data_dir) as tools:
        saved = _commands(tools).update(
            wanted,
            text=words(es, en),
            phase=Phase(phase) if phase else None,
            title=optional_words(title_es, title_en),
            revision=revision,
            statuses=read_statuses(component),
        )
        done("published", saved)


def edit(
    wanted: Id,
    number: Annotated[int, typer.Argument(help="Which update; show lists their numbers.")],
    es: CorrectedEs = None,
    en: CorrectedEn = None,
    revision: RevisionOption = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Correct what an update says. The page keeps the former text in view.

    A language that you do not give stays as it is.
    """
    with acting(config, data_dir) as tools:
        saved = _commands(tools).edit(
            wanted, number, text=corrected_words(es, en), revision=revision, is_partial=True
        )
        done(f"update {number} corrected", saved)


def resolve(
    wanted: Id,
    es: Es,
    en: En = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Although a component is still down or slow: it is told as closed."
        ),
    ] = False,
    revision: RevisionOption = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Say that an incident is over. Rarely needed: the machine resolves what has recovered."""
    with acting(config, data_dir) as tools:
        saved = _commands(tools).resolve(
            wanted, text=words(es, en), revision=revision, although_down=force
        )
        done("resolved", saved)


def _commands(tools: Tools) -> IncidentCommands:
    return IncidentCommands(
        journal=tools.journal,
        catalogue=tools.catalogue,
        clock=tools.clock,
        actor=tools.actor,
    )


def _print_list(found: Sequence[Incident], tools: Tools) -> None:
    if not found:
        typer.echo("No open incident. Past ones: estado incident list --all")
        return
    rows = [
        (
            Styled(incident.id, style="bold"),
            styled_phase(incident.phase),
            str(incident.impact),
            local_time(incident.started_at, tools.catalogue),
            str(len(incident.concerned)),
            Styled(incident.title.in_locale("es")),
        )
        for incident in found
    ]
    print_table(("id", "phase", "impact", "since", "components", "title"), rows)
