"""What a customer notices of a failure, and what kind of service he notices it on.

Failure classes are for operators: 70 of them tell apart what has to be mended. A customer sees one
of these symptoms, which each class names, on one of these kinds of service, which a check's
specification tells. The words of each pair are those of the languages (`monitor/i18n`).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Symptom(StrEnum):
    """Each says no more than all of its classes prove."""

    SILENT = "silent"
    ERRORS = "errors"
    NOT_FOUND = "not_found"
    """Nobody finds it by its name."""
    NO_DOMAINS = "no_domains"
    """Nobody finds anything through it."""
    WRONG_DATA = "wrong_data"
    OLD_DATA = "old_data"
    PARTIAL = "partial"
    """It answers some questions, and others not."""
    UNSAFE = "unsafe"
    UNSECURED = "unsecured"
    """It agrees on no secure connection; what does not insist on one may go on."""
    NO_ACCESS = "no_access"
    NO_SOUND = "no_sound"
    NO_MEDIA = "no_media"
    FULL = "full"
    CUTTING = "cutting"
    STUCK = "stuck"
    BEHIND = "behind"
    OLD_PROTOCOL = "old_protocol"
    SLOW = "slow"
    UNSEEN = "unseen"
    """We do not know, for the fault is the monitor's own."""
    UNNOTICED = "unnoticed"


class ServiceKind(StrEnum):
    """As a customer calls it."""

    WEB = "web"
    OUTGOING_MAIL = "outgoing_mail"
    INCOMING_MAIL = "incoming_mail"
    MAILBOXES = "mailboxes"
    DNS = "dns"
    RADIO = "radio"
    STREAM = "stream"
    """Sound or pictures, as segments or as a broadcast."""
    OTHER = "other"


@runtime_checkable
class TellsService(Protocol):
    """A specification that knows what kind of service it looks at."""

    @property
    def service_kind(self) -> ServiceKind: ...


def service_of(specs: Iterable[object]) -> ServiceKind:
    """What a component is, by the specifications of its checks: the one kind that they tell. A mere
    connection tells none. Radio that is served as segments too is a stream; any other mixture is
    nothing of its own.

    >>> service_of([])
    <ServiceKind.OTHER: 'other'>
    """
    kinds = {s.service_kind if isinstance(s, TellsService) else ServiceKind.OTHER for s in specs}
    kinds.discard(ServiceKind.OTHER)
    if len(kinds) == 1:
        return kinds.pop()
    if kinds == {ServiceKind.RADIO, ServiceKind.STREAM}:
        return ServiceKind.STREAM
    return ServiceKind.OTHER
