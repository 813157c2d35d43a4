"""Places in the feed as clients hold them. The numbers of a place count everybody's events, and an
account that is bounded to services learns of no others: so a place is sealed."""

from __future__ import annotations

import base64
import binascii
import struct

from monitor.accounts.ports import Sealer
from monitor.api.events.event import Position
from monitor.domain.refusals import Refused

_CONTEXT = "events"
_FORM = struct.Struct(">QQ")
LONGEST = 100


class SealedCursors:
    """By a key that outlasts the process: a client goes on where it stopped after a restart too."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    def seal(self, position: Position) -> str:
        """Another text each time: whether anything has happened does not show in it."""
        plain = _FORM.pack(position.change, position.decision)
        return base64.urlsafe_b64encode(self._sealer.seal(plain, _CONTEXT)).decode().rstrip("=")

    def open(self, text: str) -> Position:
        """Raises Refused `events.gone` for what was sealed with another key, or never was."""
        try:
            padded = text + "=" * (-len(text) % 4)
            change, decision = _FORM.unpack(
                self._sealer.open(base64.b64decode(padded, b"-_", validate=True), _CONTEXT)
            )
        except (Refused, binascii.Error, ValueError, struct.error) as error:
            raise Refused("events.gone") from error
        return Position(change=change, decision=decision)
