"""Where a client of the billing panel is told about credits."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.subscriptions.mail_address import MailAddress

LANGUAGES = ("es", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAddress:
    """It says nothing of itself: what is logged or raised names no address."""

    address: MailAddress
    language: str = LANGUAGES[0]

    def __repr__(self) -> str:
        return "ClientAddress(***)"

    __str__ = __repr__
