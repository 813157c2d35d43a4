"""What the page and the dispatcher hand to the core, as rows of an inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.mail_address import MailAddress, read_address
from monitor.domain.subscriptions.subscription import Severity, SubscriptionId, Wanted

REQUESTED = "subscription.requested"
CONFIRMED = "subscription.confirmed"
UNSUBSCRIBED = "subscription.unsubscribed"
BOUNCED = "subscription.bounced"
OVER = "subscription.over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A form as somebody sent it."""

    address: MailAddress
    wanted: Wanted
    locale: str


def body_of(request: Request) -> Mapping[str, Json]:
    return {
        "address": str(request.address),
        "components": list(request.wanted.components),
        "incident": request.wanted.incident,
        "severity": request.wanted.severity.value,
        "locale": request.locale,
    }


def request_of(body: Mapping[str, Json]) -> Request:
    """Raises KeyError, TypeError, ValueError where it is none."""
    components, incident = body["components"], body["incident"]
    if not isinstance(components, list):
        raise TypeError("components must be a list")
    return Request(
        address=read_address(str(body["address"])),
        wanted=Wanted(
            components=tuple(ComponentId(str(c)) for c in components),
            incident=None if incident is None else IncidentId(str(incident)),
            severity=Severity(str(body["severity"])),
        ),
        locale=str(body["locale"]),
    )


def about(subscription: SubscriptionId) -> Mapping[str, Json]:
    """The body of a row that is about one that is there already."""
    return {"subscription": subscription}
