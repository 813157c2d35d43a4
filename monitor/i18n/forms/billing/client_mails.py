"""What a client is told of a credit, in whichever language he reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMail:
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMailWords:
    """`{id}` is the credit's, `{x}` the product, `{t}` its tickets, `{a}` the amount, `{p}` the
    period, `{c}` a clause of the contract, `{n}` who writes."""

    html_lang: str
    period: str
    """From `{a}` to `{b}`, both included."""
    one_ticket: str
    several_tickets: str
    received: ClientMail
    approved: ClientMail
    rejected: ClientMail
    blocked: ClientMail
    held: ClientMail
    applied: ClientMail
    adjusted: ClientMail
    taken_back: ClientMail
    closing: str
