"""Why a role does not do its work: a code for whoever words it, and an English sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


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
    """`detail` is what was said, as it was said; `age_s` how old its figures are; `url` is where
    it was asked.

    >>> str(RoleFault(role="store", code=RoleFaultCode.OLD_FIGURES, age_s=70))
    'store: it wrote its last figures 70 s ago'
    """

    role: str
    code: RoleFaultCode
    detail: str = ""
    age_s: int = 0
    url: str = ""

    def __str__(self) -> str:
        return f"{self.role}: {self._words()}"

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
                return f"{self.url} answers {self.detail}"
            case RoleFaultCode.NO_ANSWER:
                return f"{self.url} does not answer: {self.detail}"
            case _:
                assert_never(self.code)
