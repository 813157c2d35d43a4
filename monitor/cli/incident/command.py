"""`estado incident`: what is wrong now, and what the public reads about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.times import read_length
from monitor.client.ports import Product
from monitor.client.views import Labels
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.refusals import Stale

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
    group.command()(postmortem)
    by_hand.register(group)
    app.add_typer(group, name="incident")


def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those of the last 90 days too.")] = False,
    as_json_: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """List the open incidents."""
    with acting(url, config, data_dir) as product:
        found = product.incidents.recent() if all_ else product.incidents.unresolved()
        if as_json_:
            labels = product.labels([c for incident in found for c in incident.concerned])
            print_json([as_json(incident, labels) for incident in found])
        else:
            _print_list(found, product)


def show(
    wanted: Id,
    as_json_: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show one incident: its components, its public record, the messages about it."""
    with acting(url, config, data_dir) as product:
        found, notifications = product.incidents.show(wanted)
        labels = product.labels(found.concerned)
        if as_json_:
            print_json(as_json(found, labels, notifications))
        else:
            show_incident(console(), found, notifications, labels)


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
    next_: Annotated[
        str | None,
        typer.Option(
            "--next", help="When you will say more: 45m, 1h30m; default: alerts.next_update."
        ),
    ] = None,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Publish what you know, what it means for the customer, and when you will say more.

    [bold]estado incident update k3f9a2 --phase identified --es "Falló un disco. …"[/]

    With --phase identified or monitoring the page says [bold]en reparación[/] instead of
    [bold]caído[/]; reminders stop. With --component you say yourself how one fares: the page shows
    the worse of that and of what the checks see, until you say =up.
    """
    with acting(url, config, data_dir) as product, _showing_what_changed(product, wanted):
        saved = product.incidents.update(
            wanted,
            text=words(es, en),
            phase=Phase(phase) if phase else None,
            title=optional_words(title_es, title_en),
            revision=revision,
            statuses=read_statuses(component),
            next_s=None if next_ is None else read_length(next_),
        )
        done("published", saved)


def edit(
    wanted: Id,
    number: Annotated[int, typer.Argument(help="Which update; show lists their numbers.")],
    es: CorrectedEs = None,
    en: CorrectedEn = None,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Correct what an update says. The page keeps the former text in view.

    A language that you do not give stays as it is.
    """
    with acting(url, config, data_dir) as product, _showing_what_changed(product, wanted):
        saved = product.incidents.edit(
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
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Say that an incident is over. Rarely needed: the machine resolves what has recovered."""
    with acting(url, config, data_dir) as product, _showing_what_changed(product, wanted):
        saved = product.incidents.resolve(
            wanted, text=words(es, en), revision=revision, although_down=force
        )
        done("resolved", saved)


def postmortem(
    wanted: Id,
    es: Es,
    en: En = None,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Tell what happened and why, once an incident is over, however long ago.

    The page shows it first; no time and no figure of the incident changes.
    """
    with acting(url, config, data_dir) as product, _showing_what_changed(product, wanted):
        done(
            "explained", product.incidents.postmortem(wanted, text=words(es, en), revision=revision)
        )


@contextmanager
def _showing_what_changed(product: Product, wanted: str) -> Iterator[None]:
    """Somebody else was faster: what they wrote stands before the refusal."""
    try:
        yield
    except Stale:
        found, _ = product.incidents.show(wanted)
        typer.echo(_last_words(found, product.labels()), err=True)
        raise


def _last_words(incident: Incident, labels: Labels) -> str:
    head = f"{incident.id} is at revision {incident.revision}, {incident.phase}"
    if not incident.updates:
        return f"{head}."
    last = incident.updates[-1]
    who = last.actor if last.person else "automatic text"
    said = last.shown.in_locale("es") if last.shown else ""
    return f"{head}. Update {last.number}, {local_time(last.at, labels.zone)}, {who}: {said}"


def _print_list(found: Sequence[Incident], product: Product) -> None:
    if not found:
        typer.echo("No open incident. Past ones: estado incident list --all")
        return
    zone = product.labels().zone
    rows = [
        (
            Styled(incident.id, style="bold"),
            styled_phase(incident.phase),
            str(incident.impact),
            local_time(incident.started_at, zone),
            str(len(incident.concerned)),
            Styled(incident.title.in_locale("es")),
        )
        for incident in found
    ]
    print_table(("id", "phase", "impact", "since", "components", "title"), rows)
