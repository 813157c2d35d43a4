"""What a shell completes of the product on this host, read without a lock: nothing waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.completing.ids import MOST_CREDITS, Ids, Offer
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.roles.settings import journal_url
from monitor.runtime.system_clock import SystemClock

if TYPE_CHECKING:
    from monitor.api.ports import ApiTransaction
    from monitor.domain.catalogue import Catalogue

_PAST_S = 14 * 86_400


def known_here(wanted: Ids, config: Path, data_dir: Path) -> Iterable[Offer]:
    """Raises JournalError, and SystemExit or typer.Exit where the configuration is faulty."""
    if wanted in (Ids.CHECK, Ids.COMPONENT, Ids.SERVICE, Ids.PRIVATE_PAGE):
        return _configured(wanted, config)
    if wanted is Ids.PAGE_LINK:
        return _page_links(data_dir)
    # Imported here, as below: each takes some tenths of a second, and no line needs both.
    from credits.ports import WantedCredits
    from monitor.journal.access import open_journal_to_read

    url = _url(config, data_dir)
    with open_journal_to_read(url) as journal, journal.transaction() as tx:
        if wanted is Ids.CREDIT:
            newest = tx.credits.listed(WantedCredits(), None, MOST_CREDITS)
            return [(record.id, record.credit.product) for record in newest]
        return list(_kept(wanted, tx))


def _configured(wanted: Ids, config: Path) -> Iterable[Offer]:
    catalogue = _catalogue(config)
    if wanted is Ids.CHECK:
        return [(check.id, check.component) for check in catalogue.checks]
    if wanted is Ids.PRIVATE_PAGE:
        return [(page.id, page.company) for page in catalogue.page.brand_pages if page.is_private]
    found = catalogue.components if wanted is Ids.COMPONENT else catalogue.services
    return [(one.id, one.name.in_locale("es")) for one in found]


def _page_links(data_dir: Path) -> Iterable[Offer]:
    from monitor.roles.page_parts.page_links import page_links_in_force

    found = page_links_in_force(data_dir, SystemClock().now())
    return [(link.id, f"{link.page} {link.label}") for link in found]


def _catalogue(config: Path) -> Catalogue:
    from monitor.roles.tools import load_catalogue_or_exit

    return load_catalogue_or_exit(config)


def _url(config: Path, data_dir: Path) -> str:
    """A large configuration takes seconds to be read: the journal in the folder is asked before."""
    if (data_dir / "journal.db").exists():
        return journal_url(data_dir, None)
    from monitor.roles.journal import revealed_url

    return revealed_url(journal_url(data_dir, _catalogue(config).operations.journal_url))


def _kept(wanted: Ids, tx: ApiTransaction) -> Iterable[Offer]:
    now = SystemClock().now()
    match wanted:
        case Ids.INCIDENT:
            lately = Interval(Second(now - _PAST_S), FOREVER)
            found = tx.incidents.unresolved() or tx.incidents.touching(lately)
            return [(incident.id, incident.title.in_locale("es")) for incident in found]
        case Ids.WINDOW:
            windows = tx.maintenance.touching(Interval(now, FOREVER))
            return [(window.id, window.title.in_locale("es")) for window in windows]
        case Ids.RULING:
            return [(r.reference, r.newest.assumed.value) for r in tx.rulings.every()]
        case Ids.EXCLUSION:
            return [(r.reference, r.newest.component) for r in tx.exclusions.every()]
        case Ids.ACCOUNT:
            return [(account.name, account.full_name) for account in tx.accounts.every()]
        case _:
            return [(token.id, token.label) for token in tx.accounts.tokens()]
