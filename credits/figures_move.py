"""Of which time an import may change what is due: its months, where they are closed, are computed
anew by the next close."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime

from credits.contract import Contract
from credits.stamps import utc_text
from monitor.domain.change import Change
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second

FIELD = "figures_move"
"""Where the change of an import says it."""


def figures_move(former: Contract | None, contract: Contract) -> Interval | None:
    """From the first second that another contracted time, other terms or another invoice line are
    about to the last one; None where only words have changed."""
    if former is None:
        parts = contract.active_time.parts
    else:
        parts = (
            *_unlike(former.active_time, contract.active_time),
            *_differing(_terms(former), _terms(contract)),
            *_differing(_lines(former), _lines(contract)),
        )
    if not parts:
        return None
    return Interval(min(p.start for p in parts), max(p.end for p in parts))


def said(moved: Interval | None) -> Mapping[str, str]:
    """As the change of an import has it."""
    return {} if moved is None else {FIELD: f"{utc_text(moved.start)}/{utc_text(moved.end)}"}


def read(change: Change) -> Interval | None:
    """None of an import by a version that did not say it."""
    start, _, end = str(change.after.get(FIELD, "")).partition("/")
    return Interval(_second(start), _second(end)) if end else None


def _unlike(before: IntervalSet, after: IntervalSet) -> Iterable[Interval]:
    return (*(before - after), *(after - before))


def _differing(
    before: Mapping[Hashable, Interval], after: Mapping[Hashable, Interval]
) -> Iterable[Interval]:
    """The times of what only one of both has."""
    either = {**before, **after}
    return [either[what] for what in before.keys() ^ after.keys()]


def _terms(contract: Contract) -> Mapping[Hashable, Interval]:
    return {(one.period, one.terms.hash): one.period for one in contract.terms}


def _lines(contract: Contract) -> Mapping[Hashable, Interval]:
    """What was credited for one is the ledger's to say."""
    return {(one.key, one.period, one.net, one.weight): one.period for one in contract.segments}


def _second(text: str) -> Second:
    if text == "open":
        return FOREVER
    return Second(int(datetime.fromisoformat(text).timestamp()))
