"""What the answer at the top of the page must be able to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.rollup import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSentences:
    """Pairs are (one, several); `{x}` is a name, `{t}` a time.

    What one service does is said of "the service X": a name may be a plural, of either gender.
    """

    stale: str
    stale_lead: str
    all_unknown: str
    all_unknown_lead: str
    general: str
    general_lead: str
    titles: Mapping[Shown, tuple[str, str]]
    leads: Mapping[Shown, tuple[str, str]]
    one_does: str
    """Part of a sentence, as clauses are; `{does}` as its symptom has it."""
    troubled: str
    """Of several that are down, not all of which are dead."""
    clauses: Mapping[Shown, tuple[str, str]]
    stable: str
    stable_lead: str
    stable_link: str
    told: tuple[str, str]
    """`{n}` incidents that people told of, and that no service shows."""
    told_leads: tuple[str, str]
    told_clauses: tuple[str, str]
    also: str
    rest: str
    many: str
    at_time: str
    on_day_at_time: str

    def title(self, shown: Shown, number: int) -> str:
        return self.titles[shown][number > 1]

    def lead(self, shown: Shown, number: int) -> str:
        return self.leads[shown][number > 1]

    def clause(self, shown: Shown, number: int) -> str:
        return self.clauses[shown][number > 1]
