"""What was done while the clock was wrong gets the second at which it was done: from when a
configuration is in force, and since when planned work is public or taken back.

Each is computed anew from the change that recorded it, whose order no clock decides. So the
mistake of a clock that was set is undone with it, as its results are. ADR 15.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from monitor.catalogues.in_force import HANDED_OVER_S, next_minute, this_minute
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import Json
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound
from monitor.domain.time.eras import REMEMBERED, SMALL_STEP_S, Era
from monitor.domain.time.interval import Second
from monitor.domain.time.stamps import Stamp, made_in, restated
from monitor.journal.ports import JournalTransaction

REVISED = "catalogue.revised"
PUBLISHED = "maintenance.published"
CANCELLED = "maintenance.cancelled"
_NOTICED = "era_{}_noticed_after"
_ANOTHER_LOG = "another_log_after"
_Seconds: TypeAlias = Sequence[tuple[Change, Second]]
EXTENSION_PUBLISHED = "maintenance.extension_published"
_STAMPED = {PUBLISHED: "published_at", CANCELLED: "cancelled_at"}


def note_era(tx: JournalTransaction, number: int) -> None:
    """Record that what is done from now on is done by the clock of this era."""
    tx.cursors.set(_NOTICED.format(number), tx.changes.last())


def note_another_log(tx: JournalTransaction) -> None:
    """Record that all until now was done in eras of another log, whose numbers mean nothing
    here."""
    tx.cursors.set(_ANOTHER_LOG, tx.changes.last())


def published(ids: Sequence[MaintenanceId], at: Second) -> list[Change]:
    """The changes that record windows which became public."""
    return [
        Change(
            at=at, actor=MACHINE.id, kind=PUBLISHED, subject=str(wanted),
            before={}, after={"published_at": int(at)},
        )
        for wanted in ids
    ]  # fmt: skip


def published_extensions(shown: Iterable[tuple[MaintenanceId, int]], at: Second) -> list[Change]:
    """The changes that record extensions which became public, each by its window and number."""
    return [
        Change(
            at=at, actor=MACHINE.id, kind=EXTENSION_PUBLISHED, subject=str(wanted),
            before={}, after={"number": number, "published_at": int(at)},
        )
        for wanted, number in shown
    ]  # fmt: skip


def restamp(tx: JournalTransaction, eras: Sequence[Era], now: Second) -> Mapping[int, Second]:
    """Correct what by the last one of the eras differs from what was stored; from when each
    revision is in force that was corrected."""
    seconds = list(_restated(tx, eras[-REMEMBERED - 1 :]))
    starts = _restart_revisions(tx, seconds, now)
    _restamp_windows(tx, seconds, now)
    return starts


def _restated(tx: JournalTransaction, eras: Sequence[Era]) -> Iterator[tuple[Change, Second]]:
    """The changes of these eras, each with the second at which it was done."""
    noticed = {era.number: tx.cursors.get(_NOTICED.format(era.number)) for era in eras}
    floor = tx.cursors.get(_ANOTHER_LOG)
    since = {number: max(floor, after) for number, after in noticed.items() if after}
    first = since.get(eras[0].number, floor)
    found = {
        c.seq: c for c in tx.changes.of_kinds((REVISED, EXTENSION_PUBLISHED, *_STAMPED), first)
    }
    stamps = (Stamp(seq=seq, at=done.at) for seq, done in found.items())
    for stamp, era in made_in(eras, since, stamps):
        yield found[stamp.seq], restated(eras, era, stamp.at)


def _restart_revisions(
    tx: JournalTransaction, seconds: _Seconds, now: Second
) -> Mapping[int, Second]:
    done = {int(c.subject): (c, at) for c, at in seconds if c.kind == REVISED}
    stored, moved = tx.revisions.starts(), dict[int, Second]()
    earlier: Second | None = None
    for number, start in sorted(stored.items()):
        right = start
        if number in done:
            right = _start(*done[number], now, earlier=earlier)
        earlier = right if earlier is None else max(earlier, right)
        if abs(earlier - start) > SMALL_STEP_S and number in done:
            moved[number] = earlier
    for number, start in moved.items():
        tx.revisions.restamp(number, start)
        _record(tx, "catalogue.restamped", str(number), {"effective_from": int(stored[number])},
                {"effective_from": int(start)}, now)  # fmt: skip
    return moved


def _start(change: Change, at: Second, now: Second, *, earlier: Second | None) -> Second:
    """From when a revision is in force that was handed over at a second. As it was stored, where
    the clock was right and no earlier revision, which a wrong clock had put far ahead, delayed
    it."""
    stored = change.after.get("effective_from")
    if at == change.at and isinstance(stored, int) and stored - at <= HANDED_OVER_S:
        return Second(stored)
    # The first of all is in force at once. What is in force already does not go out of force.
    start = this_minute(at) if earlier is None else next_minute(at)
    return min(start, this_minute(now))


def _restamp_windows(tx: JournalTransaction, seconds: _Seconds, now: Second) -> None:
    found: dict[MaintenanceId, dict[str, Second]] = {}
    for change, at in seconds:
        if change.kind in _STAMPED:
            found.setdefault(MaintenanceId(change.subject), {})[_STAMPED[change.kind]] = at
    for wanted, right in found.items():
        try:
            window = tx.maintenance.get(wanted)
        except NotFound:
            continue
        _restamp_window(tx, window, right, now)
    for change, at in seconds:
        number = change.after.get("number")
        if change.kind == EXTENSION_PUBLISHED and isinstance(number, int):
            _restamp_extension(tx, MaintenanceId(change.subject), number, at, now)


def _restamp_extension(
    tx: JournalTransaction, wanted: MaintenanceId, number: int, at: Second, now: Second
) -> None:
    try:
        stored = tx.maintenance.get(wanted).extensions[number - 1].published_at
    except (NotFound, IndexError):
        return
    if stored is not None and abs(stored - at) > 1:
        tx.maintenance.restamp_extension(wanted, number, at)
        _record(tx, "maintenance.restamped", str(wanted),
                {"extension": number, "published_at": int(stored)},
                {"extension": number, "published_at": int(at)}, now)  # fmt: skip


def _restamp_window(
    tx: JournalTransaction, window: MaintenanceWindow, right: Mapping[str, Second], now: Second
) -> None:
    stored = {"published_at": window.published_at, "cancelled_at": window.cancelled_at}
    wrong = {
        name: second
        for name, at in right.items()
        if (second := stored[name]) is not None and abs(second - at) > 1
    }
    if wrong:
        put = stored | {name: right[name] for name in wrong}
        tx.maintenance.restamp(window.id, put["published_at"], put["cancelled_at"])
        _record(tx, "maintenance.restamped", str(window.id), wrong,
                {name: int(right[name]) for name in wrong}, now)  # fmt: skip


def _record(
    tx: JournalTransaction,
    kind: str,
    subject: str,
    before: Mapping[str, Json],
    after: Mapping[str, Json],
    now: Second,
) -> None:
    tx.changes.append(
        [Change(at=now, actor=MACHINE.id, kind=kind, subject=subject, before=before, after=after)]
    )
