"""What the page must be able to say to customers who ask, or who say that something fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.customers.answers import NameAnswer
from monitor.domain.customers.notes import ProblemNote


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemWords:
    """`{x}` is a support level's name."""

    title: str
    lead: str
    link: str
    kind: str
    fails: str
    design: str
    which: str
    no_idea: str
    text: str
    text_hint: str
    send: str
    after: str
    after_watched: str
    after_look: str
    after_answer: str
    received: str
    reference: str
    keep_it: str
    who_answers: str
    within: str
    """`{d}` how much of the hours may pass."""
    your_service: str
    notes: Mapping[ProblemNote, AnswerWords]
