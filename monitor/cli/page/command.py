"""`estado page`: the page as files, for whatever serves files; links to private pages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.page import links
from monitor.domain.catalogue import Page
from monitor.mirrors.folder import FolderPlace
from monitor.mirrors.mirroring import Mirroring
from monitor.mirrors.ports import MirrorFailed
from monitor.roles.page_parts.mirrors import publication_of
from monitor.roles.settings import (
    DEFAULT_DATA_DIR,
    brand_published_dir,
    default_config,
    published_dir,
)
from monitor.roles.tools import load_catalogue_or_exit
from monitor.runtime.system_clock import SystemClock
from statuspage.serve.server import SnapshotWatcher


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        help="The public page as files; links that open private pages.",
        short_help="The public page as files; links that open private pages.",
    )
    group.command()(export)
    links.register(group)
    app.add_typer(group, name="page")


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder for nothing else.")],
    page: Annotated[
        str | None, typer.Option("--page", metavar="ID", help="A brand's, which is not private.")
    ] = None,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Write the newest publication to DIR: pages that say of which time their data is.

    What an earlier export left there and is no longer public is removed.

    Exit code: 0 done, 1 it could not be written, 2 nothing is published yet.
    """
    catalogue, clock = load_catalogue_or_exit(config or default_config()), SystemClock()
    published, url = _wanted(catalogue.page, page, data_dir)
    watcher = SnapshotWatcher(published, clock)
    watcher.refresh()
    publication = publication_of(watcher.cache, clock, url)
    if publication is None:
        typer.echo(f"Nothing is published in {data_dir} yet.", err=True)
        raise typer.Exit(2)
    mirroring = Mirroring("export", FolderPlace(folder), lambda: publication, clock, 0)
    try:
        asyncio.run(mirroring.bring_up_to_date())
    except MirrorFailed as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error
    typer.echo(f"{len(publication.files)} files in {folder}")


def _wanted(page: Page, wanted: str | None, data_dir: Path) -> tuple[Path, str]:
    """(where it is published, its address). A private page is no file for others to serve."""
    if wanted is None:
        return published_dir(data_dir), page.url
    public = {brand.id: brand for brand in page.brand_pages if not brand.is_private}
    if wanted not in public:
        known = ", ".join(public) or "none"
        raise typer.BadParameter(f"want a public page of a brand: {known}", param_hint="--page")
    return brand_published_dir(data_dir, public[wanted]), public[wanted].url
