"""`estado incident open`, `reopen`, `merge`, `split`, `link` and `unlink`."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.acting import JsonOption, RevisionOption, acting, optional_words, print_json, words
from monitor.cli.completing.ids import Ids, ids
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
from monitor.cli.incident.view import as_json
from monitor.cli.options import ConfigOption, FolderOption, UrlOption
from monitor.cli.times import read_time
from monitor.client.ports import Product
from monitor.domain.incidents.incident import Incident, Phase

Other = Annotated[
    str,
    typer.Argument(
        metavar="OTHER", help="The other incident's id.", autocompletion=ids(Ids.INCIDENT)
    ),
]


def register(group: typer.Typer) -> None:
    for command in (reopen, merge, split, link, unlink):
        group.command()(command)
    group.command(name="open")(open_)


def open_(
    title: Annotated[str, typer.Option("--title", help="What is wrong, in Spanish.")],
    es: Es,
    en: En = None,
    title_en: TitleEn = None,
    component: Components = None,
    phase: Annotated[
        WrittenPhase, typer.Option("--phase", help="How far you are.")
    ] = WrittenPhase.INVESTIGATING,
    start: Annotated[
        str, typer.Option("--start", help="2026-04-19T02:00, local time, in the past; or now.")
    ] = "now",
    end: Annotated[
        str | None, typer.Option("--end", help="Of what is resolved: when it was over.")
    ] = None,
    as_json_: JsonOption = False,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Tell of an incident that no check saw, or that no check can see.

    [bold]estado incident open --title "Correo: demoras" --es "Los envíos demoran." --component
    mail=degraded[/]

    The page shows it, and says that a person reported it. It changes no second of bars,
    availability, reports or credits, and only a person resolves it.
    """
    with acting(url, config, data_dir) as product:
        zone, now = product.labels().zone, product.now()
        saved = product.by_hand.open(
            title=words(title, title_en),
            text=words(es, en),
            statuses=read_statuses(component),
            phase=Phase(phase),
            started_at=read_time(start, zone, now),
            ended_at=None if end is None else read_time(end, zone, now),
        )
        _print("opened", saved, product, as_json_=as_json_)


def reopen(
    wanted: Id,
    es: Es,
    en: En = None,
    title_es: TitleEs = None,
    title_en: TitleEn = None,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Say that a resolved incident is not over, within 14 days.

    What the machine saw come back did come back: if all of it did, open another and link the two.
    """
    with acting(url, config, data_dir) as product:
        saved = product.by_hand.reopen(
            wanted,
            text=words(es, en),
            title=optional_words(title_es, title_en),
            revision=revision,
        )
        done("reopened", saved)


def merge(
    wanted: Id,
    into: Annotated[str, typer.Option("--into", help="The id of the one in which it goes on.")],
    es: Es,
    en: En = None,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Let an incident go on in another. Its page stays, and points there."""
    with acting(url, config, data_dir) as product:
        saved = product.joining.merge(wanted, into, text=words(es, en), revision=revision)
        done(f"has {wanted}", saved)


def split(
    wanted: Id,
    title: Annotated[str, typer.Option("--title", help="Of the new incident, in Spanish.")],
    es: Es,
    en: En = None,
    title_en: TitleEn = None,
    component: Annotated[
        list[str] | None,
        typer.Option(
            "--component",
            help="What goes; again for each.",
            autocompletion=ids(Ids.COMPONENT),
        ),
    ] = None,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Give components that fail an incident of their own. The two are linked."""
    with acting(url, config, data_dir) as product:
        saved = product.joining.split(
            wanted,
            component or [],
            title=words(title, title_en),
            text=words(es, en),
            revision=revision,
        )
        done(f"split from {wanted}", saved)


def link(
    wanted: Id,
    other: Other,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Show two incidents as related, on the page too."""
    with acting(url, config, data_dir) as product:
        done(f"linked with {other}", product.joining.link(wanted, other, revision=revision))


def unlink(
    wanted: Id,
    other: Other,
    revision: RevisionOption = None,
    url: UrlOption = None,
    config: ConfigOption = None,
    data_dir: FolderOption = None,
) -> None:
    """Take a link back."""
    with acting(url, config, data_dir) as product:
        done(f"not linked with {other}", product.joining.unlink(wanted, other, revision=revision))


def _print(what: str, saved: Incident, product: Product, *, as_json_: bool) -> None:
    if as_json_:
        print_json(as_json(saved, product.labels(saved.concerned)))
    else:
        done(what, saved)
