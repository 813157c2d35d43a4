"""Who may not decide about a credit, and why: two people, whichever way the first took part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum

from credits.life.credit import Credit, CreditRecord
from monitor.domain.exclusions.classification import ExclusionRecord


class Bar(StrEnum):
    """What somebody did about a credit that somebody else has to decide about."""

    ASKED = "asked"
    """Asked for it, or for another credit of the same time of its contract."""
    DECIDED = "decided"
    """Said what its unknown seconds were."""
    PROPOSED = "proposed"
    """Proposed an exclusion of a component that its terms require, in its window."""


def barred(
    record: CreditRecord,
    beside: Iterable[CreditRecord],
    exclusions: Iterable[ExclusionRecord],
    speakers: Iterable[str] = (),
) -> Mapping[str, tuple[Bar, ...]]:
    """By account, each reason once. `beside` are the other credits of the same time of its
    contract, `speakers` who proposed or approved what unknown time was, of any of them. The
    database refuses the same accounts, whoever writes the step."""
    found: defaultdict[str, set[Bar]] = defaultdict(set)
    for one in (record, *beside):
        for account in one.requesters:
            found[account].add(Bar.ASKED)
    for account in (*record.deciders, *speakers):
        found[account].add(Bar.DECIDED)
    for account in _proposers(record.credit, exclusions):
        found[account].add(Bar.PROPOSED)
    return {account: tuple(sorted(found[account])) for account in sorted(found)}


def _proposers(credit: Credit, exclusions: Iterable[ExclusionRecord]) -> Iterable[str]:
    """Of any revision, whatever became of it."""
    return {
        revision.proposed_by
        for exclusion in exclusions
        for revision in exclusion.revisions
        if revision.component in credit.components and revision.interval.overlaps(credit.key.window)
    }
