"""`estado page link`, `links` and `revoke`: who may see a private page, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from monitor.cli.acting import JsonOption, print_json, print_table
from monitor.cli.completing.ids import Ids, ids
from monitor.cli.options import ConfigOption, DataDirOption
from monitor.cli.times import read_length
from monitor.cli.wide_console import untrusted_text
from monitor.domain.catalogue import BrandPage, Catalogue
from monitor.domain.checks.observation import Json
from monitor.domain.customers.page_links import PageLink
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import ACCESS
from monitor.journal.ports import JournalError
from monitor.roles.page_parts.page_links import (
    add_page_link,
    new_link_id,
    page_links_in_force,
    revoke_page_link,
)
from monitor.roles.settings import DEFAULT_DATA_DIR, default_config
from monitor.roles.tools import Tools, load_catalogue_or_exit, open_tools
from monitor.runtime.system_clock import SystemClock

_LONGEST_LABEL = 200


def register(group: typer.Typer) -> None:
    group.command()(link)
    group.command()(links)
    group.command()(revoke)


def link(
    page: Annotated[
        str,
        typer.Argument(
            metavar="PAGE",
            help="The id of a private page.",
            show_default=False,
            autocompletion=ids(Ids.PRIVATE_PAGE),
        ),
    ],
    lasts: Annotated[
        str, typer.Option("--for", metavar="LENGTH", help="How long it opens the page: 30d, 12h.")
    ] = "30d",
    label: Annotated[str, typer.Option("--label", help="Whom it is for.")] = "",
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Make a link that opens a private page. Standard output has the link and nothing else, and
    this once: whoever has it sees the page.

    [bold]estado page link acme --for 30d --label "Ana, Acme"[/]

    Exit code: 0 done, 1 it could not be kept, 2 there is no such private page.
    """
    length = read_length(lasts)
    if not length:
        raise typer.BadParameter("want a length such as 30d or 12h", param_hint="--for")
    with _opened(config, data_dir) as tools:
        brand, now = _private_page(tools.catalogue, page), tools.clock.now()
        made = PageLink(
            id=new_link_id(),
            page=brand.id,
            until=Second(now + length),
            made_at=now,
            made_by=tools.actor.id,
            label=label[:_LONGEST_LABEL],
        )
        address = f"{brand.url.rstrip('/')}{ACCESS}/{_kept(tools, made)}"
        _explain(made, tools.catalogue.zone)
    typer.echo(address)


def links(
    as_json: JsonOption = False,
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Show which links open private pages now: their ids, never the links themselves. With --json
    also while the configuration cannot be read."""
    with _failing():
        found = page_links_in_force(data_dir, SystemClock().now())
    if as_json:
        print_json([_document(one) for one in found])
        return
    zone = load_catalogue_or_exit(config or default_config()).zone
    if not found:
        typer.echo("No link opens a private page.")
        return
    rows = [
        (
            one.id,
            one.page,
            _local(one.until, zone),
            _local(one.made_at, zone),
            one.made_by,
            untrusted_text(one.label),
        )
        for one in found
    ]
    print_table(("ID", "PAGE", "UNTIL", "MADE", "BY", "FOR"), rows)


def revoke(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The link's id.",
            show_default=False,
            autocompletion=ids(Ids.PAGE_LINK),
        ),
    ],
    config: ConfigOption = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """End a link, and with it every browser that it opened the page to. It works while nothing
    else of the product does; then the record of it fails, and that is said.

    Exit code: 0 done, 1 there is no such link, or it was not recorded.
    """
    now = SystemClock().now()
    with _failing():
        revoked = revoke_page_link(data_dir, wanted)
    if revoked is None:
        typer.echo("There is no such link: estado page links shows those in force.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{revoked.id} opens {revoked.page} no more.")
    with _opened(config, data_dir) as tools, tools.customers.transaction() as tx:
        before = _recorded(revoked)
        tx.changes.append([tools.actor.change(now, "page_link.revoked", revoked.id, before=before)])


def _explain(made: PageLink, zone: ZoneInfo) -> None:
    """Beside standard output, which has the link alone."""
    typer.echo(f"{made.id}: opens {made.page} until {_local(made.until, zone)}", err=True)
    typer.echo(
        "For feeds, calendars, badges and the API put it before the address, as in "
        "LINK/historial.atom and LINK/api/v2/summary.json",
        err=True,
    )


def _kept(tools: Tools, made: PageLink) -> str:
    """What stands in its address. It is recorded, or it is not made."""
    with _failing(), tools.customers.transaction() as tx:
        after = _recorded(made)
        tx.changes.append(
            [tools.actor.change(made.made_at, "page_link.made", made.id, after=after)]
        )
        return add_page_link(tools.data_dir, made)


def _private_page(catalogue: Catalogue, wanted: str) -> BrandPage:
    pages = {page.id: page for page in catalogue.page.brand_pages}
    found = pages.get(wanted)
    if found is not None and found.is_private:
        return found
    private = ", ".join(page.id for page in pages.values() if page.is_private) or "none"
    said = "everybody sees that page" if found is not None else "there is no such page"
    raise typer.BadParameter(f"{said}; private ones: {private}", param_hint="PAGE")


@contextmanager
def _opened(config: Path | None, data_dir: Path) -> Iterator[Tools]:
    """A journal that fails ends the command with its reason."""
    try:
        with open_tools(config or default_config(), data_dir) as tools:
            yield tools
    except JournalError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error


@contextmanager
def _failing() -> Iterator[None]:
    """Files of links that cannot be read or written end the command with their reason."""
    try:
        yield
    except (OSError, ValueError) as error:
        typer.secho(f"links to private pages: {error}", err=True, fg="red")
        raise typer.Exit(1) from error


def _local(at: Second, zone: ZoneInfo) -> str:
    return at_zone(at, zone).strftime("%Y-%m-%d %H:%M")


def _recorded(of: PageLink) -> dict[str, Json]:
    return {"page": of.page, "until": int(of.until), "label": of.label}


def _document(of: PageLink) -> dict[str, object]:
    return {
        "id": of.id,
        "page": of.page,
        "until": of.until,
        "made_at": of.made_at,
        "made_by": of.made_by,
        "label": of.label,
    }
