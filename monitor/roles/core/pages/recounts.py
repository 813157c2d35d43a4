"""What closed pages said before they were counted anew: in the journal, as changes, so that no loss
of the archive loses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction, WantedChanges
from statuspage.view.closed_month import ClosedMonth, Figure
from statuspage.view.model import Recount

RECOUNTED = "history.recounted"
_AT_ONCE = 20_000
"""Changes that are looked through in one step."""


class KnownRecounts:
    """Those of the journal, read by `read` until it `is_read`; then `add` follows."""

    def __init__(self) -> None:
        self._cursor = 0
        self._last: dict[tuple[str, str, int | None], Figure] = {}
        self.is_read = False
        self.by_subject: dict[str, list[Recount]] = {}

    def read(self, tx: JournalTransaction) -> None:
        """One part of the journal."""
        upper = self._cursor + _AT_ONCE
        wanted = WantedChanges(after=self._cursor, before=upper + 1, kind=RECOUNTED)
        self.add(tx.changes.matching(wanted, _AT_ONCE))
        self._cursor = upper
        self.is_read = upper >= tx.changes.last()

    @property
    def count(self) -> int:
        """How many there are: none is ever taken back."""
        return sum(map(len, self.by_subject.values()))

    def new(self, former: Iterable[Figure], month: ClosedMonth, now: Second) -> list[Change]:
        """A change for each month and incident of which other figures were shown until now. What
        is recorded already, by a core that was killed before it wrote the page, is not again."""
        before = {figure.key: figure for figure in former}
        found: dict[str, list[tuple[Figure, Figure]]] = {}
        for figure in month.figures:
            was = before.get(figure.key)
            if was is not None and was != figure and self._last.get(figure.key) != figure:
                found.setdefault(figure.subject, []).append((was, figure))
        return [_change(subject, pairs, now) for subject, pairs in found.items()]

    def add(self, changes: Iterable[Change]) -> None:
        for change in changes:
            said = self.by_subject.setdefault(change.subject, [])
            for was in _figures(change.subject, change.before):
                said.append(_recount(was, change.at))
            for figure in _figures(change.subject, change.after):
                self._last[figure.key] = figure


def _change(subject: str, pairs: Sequence[tuple[Figure, Figure]], now: Second) -> Change:
    return Change(
        at=now,
        actor=MACHINE.id,
        kind=RECOUNTED,
        subject=subject,
        before={"figures": [_json(was) for was, _ in pairs]},
        after={"figures": [_json(figure) for _, figure in pairs]},
    )


def _json(figure: Figure) -> Json:
    return {
        "component": figure.component,
        "start": figure.start,
        "down_s": figure.down,
        "unknown_s": figure.unknown,
        "total_s": figure.total,
    }


def _figures(subject: str, written: Mapping[str, Json]) -> Iterable[Figure]:
    found = written.get("figures", [])
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict):
            start = one["start"]
            yield Figure(
                subject=subject,
                component=ComponentId(str(one["component"])),
                start=None if start is None else Second(_whole(start)),
                down=_whole(one["down_s"]),
                unknown=_whole(one["unknown_s"]),
                total=_whole(one["total_s"]),
            )


def _whole(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no number of seconds")
    return value


def _recount(was: Figure, at: Second) -> Recount:
    return Recount(
        component=was.component,
        at=at,
        down=was.down,
        unknown=was.unknown,
        total=was.total,
        start=was.start,
    )
