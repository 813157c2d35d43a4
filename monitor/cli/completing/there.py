"""What a shell completes of a product elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.cli.completing.ids import MOST_CREDITS, Ids, Offer
from monitor.cli.product.elsewhere import signed_in_door
from monitor.client.address import DoorAddress
from monitor.client.door import Door
from monitor.client.exchange import Exchange
from monitor.client.reading import Fields
from monitor.client.remote.product import RemoteProduct
from monitor.client.views import AskedCredits


def known_there(wanted: Ids, address: DoorAddress, longest_s: float) -> Iterable[Offer]:
    """Raises DoorError, and Refused where the account may not."""
    door = signed_in_door(address, Exchange(address, longest_s=longest_s))
    product = RemoteProduct(door)
    match wanted:
        case Ids.INCIDENT:
            found = product.incidents.unresolved() or product.incidents.recent()
            return [(incident.id, incident.title.in_locale("es")) for incident in found]
        case Ids.WINDOW:
            windows = (shown.window for shown in product.maintenance.listed())
            return [(window.id, window.title.in_locale("es")) for window in windows]
        case Ids.EXCLUSION | Ids.CREDIT | Ids.RULING:
            return _decided(wanted, product)
        case Ids.ACCOUNT:
            return [(account.name, account.full_name) for account in product.accounts.every()]
        case Ids.TOKEN:
            return [(token.id, token.label) for token in product.tokens.visible()]
        case Ids.CHECK:
            seen = Fields.of(product.state.now())
            return seen.each("checks", lambda one: (one.text("id"), one.text("component")))
        case Ids.COMPONENT:
            return [(component, name) for component, _, name in _components(door)]
        case Ids.SERVICE:
            return [(service, "") for service in dict.fromkeys(s for _, s, _ in _components(door))]
        case Ids.PRIVATE_PAGE | Ids.PAGE_LINK:
            # They lie in the data folder of the page.
            return []


def _decided(wanted: Ids, product: RemoteProduct) -> Iterable[Offer]:
    """What two people decide about."""
    if wanted is Ids.EXCLUSION:
        return [(one["reference"], one["component"]) for one in product.exclusions.listed()]
    if wanted is Ids.RULING:
        return [(one["reference"], one["assumed"]) for one in product.rulings.listed()]
    credits = product.credits.listed(AskedCredits(), MOST_CREDITS)
    return [(one["credit_id"], one["product"]) for one in credits]


def _components(door: Door) -> Iterable[tuple[str, str, str]]:
    """Id, service and name."""
    return door.get("/components").each(
        "components",
        lambda one: (one.text("id"), one.text("service"), one.words("name").in_locale("es")),
    )
