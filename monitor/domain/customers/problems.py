"""What customers say that fails: a reference, their words, and who answers. It counts nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from monitor.domain.catalogue import SupportLevel
from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

ProblemRef = NewType("ProblemRef", str)

SAID = "problem.said"
"""The kind of an inbox's row."""
LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of references: none is taken for another when it is read aloud or copied from paper."""
REF_LETTERS = 8
LONGEST = 2_000
"""Characters of what a customer says."""
KEPT_S = 90 * 86_400
SEVERAL = 3
"""So many customers say it before operators hear of what the checks call up."""
WITHIN_S = 1_800
AGAIN_AFTER_S = 6 * 3_600
"""Operators hear once of one component, and again after so long."""
CONSULTING, WATCHING, DESIGN_LEVEL = "sla-1", "sla-2", "sla-4"


class ProblemKind(StrEnum):
    """What somebody writes about: something fails (SLA 3), or their own site's software (SLA 4)."""

    FAILS = "fails"
    DESIGN = "design"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A form as somebody sent it. `component` None: they did not say which. `sender` tells
    customers apart for a while and names none."""

    ref: ProblemRef
    kind: ProblemKind
    component: ComponentId | None
    text: str
    locale: str
    sender: str
    at: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What was said, and what became of it. `level` is who answers: SLA 2 where an incident is
    open, which `incident` names. `answer_by` is when, by that level's hours; None: by no fixed
    time. `seen` is what a check run for it found."""

    said: Said
    level: str
    answer_by: Second | None = None
    incident: IncidentId | None = None
    looked_at: Second | None = None
    seen: str = ""
    closed_at: Second | None = None
    closed_by: str = ""
    note: str = ""

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who is to answer, by that level's hours: `opens_at` where it is closed now. `is_late`: it
    promised an answer, and the time for it is over. `level` may be one that is there no more."""

    level: str
    name: Text | None
    is_open: bool
    opens_at: Second | None
    answer_by: Second | None
    is_late: bool


def turn_of(found: Problem, support: Iterable[SupportLevel], now: Second) -> Turn | None:
    """None where it is closed: it is nobody's."""
    if not found.is_open:
        return None
    level = next((one for one in support if one.id == found.level), None)
    is_open = level is not None and level.hours.is_open(now)
    return Turn(
        level=found.level,
        name=None if level is None else level.name,
        is_open=is_open,
        opens_at=None if level is None or is_open else level.hours.opens_next(now),
        answer_by=found.answer_by,
        is_late=found.answer_by is not None and now > found.answer_by,
    )


def routed(
    said: Said, incident: IncidentId | None, support: Iterable[SupportLevel], now: Second
) -> Problem:
    """Who answers, and by when: SLA 4 for design, Operations where an incident is open, else
    SLA 1 as soon as it opens."""
    levels = {level.id: level for level in support}
    if said.kind is ProblemKind.DESIGN:
        level = levels.get(DESIGN_LEVEL)
        return Problem(said=said, level=DESIGN_LEVEL, answer_by=_answer_by(level, now))
    if incident is not None:
        return Problem(said=said, level=WATCHING, incident=incident)
    return Problem(said=said, level=CONSULTING, answer_by=_answer_by(levels.get(CONSULTING), now))


def _answer_by(level: SupportLevel | None, now: Second) -> Second | None:
    """None where that level promises no answer within its hours."""
    if level is None or level.answer_within is None:
        return None
    return level.hours.after(now, int(level.answer_within.total_seconds()))


def is_ref(text: str) -> bool:
    """Whether it has the form of a reference."""
    return len(text) == REF_LETTERS and all(letter in LETTERS for letter in text)


def body_of(said: Said) -> Mapping[str, Json]:
    return {
        "ref": said.ref,
        "kind": said.kind.value,
        "component": said.component,
        "text": said.text,
        "locale": said.locale,
        "sender": said.sender,
        "at": int(said.at),
    }


def said_of(body: Mapping[str, Json]) -> Said:
    """Raises KeyError, TypeError, ValueError where it is none."""
    component = body["component"]
    ref = str(body["ref"])
    if not is_ref(ref):
        raise ValueError("no reference")
    return Said(
        ref=ProblemRef(ref),
        kind=ProblemKind(str(body["kind"])),
        component=None if component is None else ComponentId(str(component)),
        text=str(body["text"])[:LONGEST],
        locale=str(body["locale"]),
        sender=str(body["sender"]),
        at=Second(int(str(body["at"]))),
    )
