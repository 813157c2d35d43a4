"""What the page says of a form that was sent, or of a link that was followed."""

from __future__ import annotations

from enum import StrEnum


class Note(StrEnum):
    """The value is the end of its address."""

    RECEIVED = "received"
    RECEIVED_ELSEWHERE = "sent"
    """By another way than mail."""
    CONFIRMED = "confirmed"
    ENDED = "ended"
    BAD_ADDRESS = "bad-address"
    BAD_HOOK = "bad-webhook"
    BAD_FORM = "bad-form"
    FOREIGN = "foreign"
    TOO_MANY = "too-many"
    FULL = "full"
    BAD_LINK = "bad-link"
    EXPIRED = "expired"


STATUS = {
    Note.RECEIVED: 200,
    Note.RECEIVED_ELSEWHERE: 200,
    Note.CONFIRMED: 200,
    Note.ENDED: 200,
    Note.BAD_ADDRESS: 400,
    Note.BAD_HOOK: 400,
    Note.BAD_FORM: 400,
    Note.FOREIGN: 403,
    Note.TOO_MANY: 429,
    Note.FULL: 503,
    Note.BAD_LINK: 404,
    Note.EXPIRED: 410,
}
"""With which status each is served."""
