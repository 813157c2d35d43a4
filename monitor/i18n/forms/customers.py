"""What the page must be able to say to who asks whether a failure concerns them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.customers.answers import NameAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerWords:
    """`{x}` is the domain."""

    title: str
    lead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedWords:
    title: str
    lead: str
    name: str
    hint: str
    send: str
    all_services: str
    other_services: str
    answers: Mapping[NameAnswer, AnswerWords]
