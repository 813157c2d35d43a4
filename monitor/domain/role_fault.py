"""Why a role does not do its work: a code for whoever words it, and an English sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never


class CoreFaultCode(StrEnum):
    NOT_YET = "not_yet"
    STANDS_STILL = "stands_still"
    UNDELIVERED = "undelivered"
    JOURNAL_HELD = "journal_held"
    NOT_RENDERED = "not_rendered"
    PROBER_SILENT = "prober_silent"
    CLOCK_DOUBTED = "clock_doubted"
    STALLS = "stalls"
    NOTHING_COUNTS = "nothing_counts"
    STORE_PAUSED = "store_paused"
    SUBSCRIBERS_SILENT = "subscribers_silent"
    PRIVATE_PAGES_CLOSED = "private_pages_closed"
    OTHER = "other"
    """Said by a core of another version."""


_CORE_WORDS = {
    CoreFaultCode.NOT_YET: "the core has not ticked yet",
    CoreFaultCode.STANDS_STILL: "the last tick was {s} s ago",
    CoreFaultCode.UNDELIVERED: "no alert has reached anybody for {s} s: every route fails",
    CoreFaultCode.JOURNAL_HELD: "{d}",
    CoreFaultCode.NOT_RENDERED: "the page has not been rendered for over two minutes",
    CoreFaultCode.PROBER_SILENT: "the prober has reported no figures for 30 s",
    CoreFaultCode.CLOCK_DOUBTED: ("the machine's clock is not believed: it shows {s} s too little"),
    CoreFaultCode.STALLS: "the prober stood still {n} times within five minutes{by}",
    CoreFaultCode.NOTHING_COUNTS: (
        "no look has counted for {s} s: to the log they are ahead of the clock, or of another era "
        "of it; start the prober anew"
    ),
    CoreFaultCode.STORE_PAUSED: "the result store: {d}",
    CoreFaultCode.SUBSCRIBERS_SILENT: (
        "subscribers are told nothing by {d}: no sign of life for 30 s"
    ),
    CoreFaultCode.PRIVATE_PAGES_CLOSED: "no link opens a private page: {d}",
    CoreFaultCode.OTHER: "{d}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreFault:
    """What the core says against itself. `detail` is what was said to it, as it was said: by the
    store, of who holds the journal; of stalls, which check causes most of them.

    >>> str(CoreFault(code=CoreFaultCode.STANDS_STILL, age_s=60))
    'the last tick was 60 s ago'
    """

    code: CoreFaultCode
    detail: str = ""
    age_s: int = 0
    count: int = 0

    def __str__(self) -> str:
        by = f", above all in looks of {self.detail}" if self.detail else ""
        return _CORE_WORDS[self.code].format(d=self.detail, s=self.age_s, n=self.count, by=by)

    @property
    def fields(self) -> Mapping[str, Any]:
        """As the core answers it to other roles."""
        return {
            "code": str(self.code),
            "detail": self.detail,
            "age_s": self.age_s,
            "count": self.count,
            "words": str(self),
        }


def core_fault(found: Mapping[str, Any]) -> CoreFault:
    """One of `fields`. A code that is not known here keeps its words. Raises KeyError, TypeError
    and ValueError for what is none."""
    try:
        code = CoreFaultCode(found["code"])
    except ValueError:
        return CoreFault(code=CoreFaultCode.OTHER, detail=str(found["words"]))
    return CoreFault(
        code=code, detail=str(found["detail"]), age_s=int(found["age_s"]), count=int(found["count"])
    )


def core_faults(answer: Mapping[str, Any]) -> tuple[CoreFault, ...]:
    """Of what the core answers about itself. One of a version before has sentences alone. Raises as
    `core_fault`."""
    if "faults" in answer:
        return tuple(core_fault(found) for found in answer["faults"])
    return tuple(
        CoreFault(code=CoreFaultCode.OTHER, detail=str(words)) for words in answer["troubles"]
    )


class RoleFaultCode(StrEnum):
    UNREADABLE = "unreadable"
    """What it writes down cannot be read."""
    NO_FIGURES = "no_figures"
    FIGURES_TO_COME = "figures_to_come"
    """Its last figures are of a time that is still to come."""
    OLD_FIGURES = "old_figures"
    NO_CONFIGURATION = "no_configuration"
    BAD_CONFIGURATION = "bad_configuration"
    NOT_WELL = "not_well"
    """It says so itself."""
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFault:
    """`detail` is what was said, as it was said; `age_s` how old its figures are; `url` is where it
    was asked.

    >>> str(RoleFault(role="store", code=RoleFaultCode.OLD_FIGURES, age_s=70))
    'store: it wrote its last figures 70 s ago'
    """

    role: str
    code: RoleFaultCode
    detail: str = ""
    age_s: int = 0
    url: str = ""
    reasons: tuple[CoreFault, ...] = ()
    """Of a core that is not well: `detail` is then the status that it answers with, alone."""
    part: str = ""
    """Which part of the role it is about, where it has several: a kind of subscribers."""

    def __str__(self) -> str:
        part = f" ({self.part})" if self.part else ""
        return f"{self.role}: {self._words()}{part}"

    def _words(self) -> str:
        match self.code:
            case RoleFaultCode.UNREADABLE:
                return f"what it writes down cannot be read: {self.detail}"
            case RoleFaultCode.NO_FIGURES:
                return "it has written no figures yet"
            case RoleFaultCode.FIGURES_TO_COME:
                return "the clock says that its last figures are still to come: it was set back"
            case RoleFaultCode.OLD_FIGURES:
                return f"it wrote its last figures {self.age_s} s ago"
            case RoleFaultCode.NO_CONFIGURATION:
                return "no configuration has been compiled yet"
            case RoleFaultCode.BAD_CONFIGURATION:
                return self.detail
            case RoleFaultCode.NOT_WELL:
                return ": ".join([f"{self.url} answers {self.detail}", *self._reasons()])
            case RoleFaultCode.NO_ANSWER:
                return f"{self.url} does not answer: {self.detail}"
            case _:
                assert_never(self.code)

    def _reasons(self) -> tuple[str, ...]:
        return ("; ".join(map(str, self.reasons)),) if self.reasons else ()
