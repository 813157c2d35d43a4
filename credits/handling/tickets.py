"""Tickets: the only formal contact (clause 9a). A credit is asked for by a ticket of its client."""

from __future__ import annotations

import re
from typing import Protocol

from monitor.domain.refusals import Refused

_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,30}[A-Z0-9])?")
_SHOWN = 40


class Tickets(Protocol):
    """The billing panel, as far as it knows whose a ticket is."""

    def client_of(self, ticket: str) -> str | None:
        """The id of the client whose ticket that is; None where there is no such ticket. Raises
        Refused where the panel cannot be asked now: nobody asks for money by what is unproven."""
        ...


def checked_ticket(written: str) -> str:
    """The code as it is stored. People write a # before it, and capitals or not: one ticket has one
    code. Raises Refused.

    >>> checked_ticket(" #abc-123456 ")
    'ABC-123456'
    """
    code = written.strip().removeprefix("#").upper()
    if _CODE.fullmatch(code) is None:
        raise Refused("credit.ticket_code", ticket=written.strip()[:_SHOWN])
    return code
