"""What the page and the dispatcher hand to the core, as rows of an inbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.subscriptions.contact import EMAIL, Contact, ReadContact, read_contact
from monitor.domain.subscriptions.subscription import Severity, SubscriptionId, Wanted

REQUESTED = "subscription.requested"
CONFIRMED = "subscription.confirmed"
UNSUBSCRIBED = "subscription.unsubscribed"
BOUNCED = "subscription.bounced"
OVER = "subscription.over"
MOVED = "subscription.moved"
"""Whoever is at an address is at another one from now on, as a group of a chat that grows."""
LEFT = "subscription.left"
"""Whoever is at an address wants no more of anything: also of what the core has not read yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A form as somebody sent it, on the brand's page of that id; None: on the company's own."""

    contact: Contact
    wanted: Wanted
    locale: str
    page: str | None = None
    is_proven: bool = False
    """Whoever is there asked from there, as a chat does: nothing is left to confirm."""


def body_of(request: Request) -> Mapping[str, Json]:
    """Without a page it is as it was before brands had any."""
    return {
        "kind": request.contact.kind,
        "address": request.contact.address,
        "components": list(request.wanted.components),
        "incident": request.wanted.incident,
        "severity": request.wanted.severity.value,
        "locale": request.locale,
        "is_proven": request.is_proven,
        **({} if request.page is None else {"page": request.page}),
    }


def request_of(body: Mapping[str, Json], read: ReadContact = read_contact) -> Request:
    """Raises KeyError, TypeError, ValueError where it is none."""
    components, incident = body["components"], body["incident"]
    if not isinstance(components, list):
        raise TypeError("components must be a list")
    return Request(
        # A row of before there were other kinds names none.
        contact=read(str(body.get("kind", EMAIL)), str(body["address"])),
        wanted=Wanted(
            components=tuple(ComponentId(str(c)) for c in components),
            incident=None if incident is None else IncidentId(str(incident)),
            severity=Severity(str(body["severity"])),
        ),
        locale=str(body["locale"]),
        page=None if body.get("page") is None else str(body["page"]),
        is_proven=body.get("is_proven") is True,
    )


def body_of_leaving(contact: Contact) -> Mapping[str, Json]:
    return {"kind": contact.kind, "address": contact.address}


def leaving_of(body: Mapping[str, Json], read: ReadContact = read_contact) -> Contact:
    """Raises KeyError, ValueError where it is none."""
    return read(str(body["kind"]), str(body["address"]))


def body_of_moving(contact: Contact, to: Contact) -> Mapping[str, Json]:
    """Both are of one kind."""
    return {"kind": contact.kind, "address": contact.address, "to": to.address}


def moving_of(
    body: Mapping[str, Json], read: ReadContact = read_contact
) -> tuple[Contact, Contact]:
    """From where to where. Raises KeyError, ValueError where it is none."""
    kind = str(body["kind"])
    return read(kind, str(body["address"])), read(kind, str(body["to"]))


def about(subscription: SubscriptionId) -> Mapping[str, Json]:
    """The body of a row that is about one that is there already."""
    return {"subscription": subscription}
