"""What became of a form in which a customer says that something fails."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class ProblemNote(StrEnum):
    """Of what is stored one of the first six."""

    KNOWN = "known"
    """A failure of that service is shown already."""
    MAINTENANCE = "maintenance"
    LOOKING = "looking"
    UNSAID = "unsaid"
    """Which service it is was not said."""
    DESIGN = "design"
    KEPT = "kept"
    """The page's data is old: nobody knows when it is read."""
    NO_TEXT = "no_text"
    BAD_FORM = "bad_form"
    FOREIGN = "foreign"
    TOO_MANY = "too_many"
    FULL = "full"


STATUS: Mapping[ProblemNote, int] = {
    ProblemNote.NO_TEXT: 400,
    ProblemNote.BAD_FORM: 400,
    ProblemNote.FOREIGN: 403,
    ProblemNote.TOO_MANY: 429,
    ProblemNote.FULL: 503,
}
"""Of the others 200."""
