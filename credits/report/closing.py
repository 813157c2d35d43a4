"""Issuing a month: the first revision closes it, and alone is payable.

Closing computes the month, and each earlier month of which something was found out since the last
close, over one moment of the journal and outside of any transaction that others wait for. One short
transaction issues the report with its adjustments, opens the credits, and lets those give way that
are not applied.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from credits import figures_move
from credits.journal import BillingTransaction
from credits.life.credit import By, CreditId, CreditKey, CreditRecord, LineKey
from credits.life.ledger import COUNTED, account_of, in_minor_units
from credits.money import minor_units
from credits.period.month import Month
from credits.ports import StoredReport
from credits.report.claims import Claim
from credits.report.draft import Drafting, MonthDraft, draft_month
from credits.report.issue import IssuedText, issue_text
from credits.report.report import require_over
from credits.report.rows import content_hash
from credits.report.settling import Settled, adjusted, adjustment_rows, opened, within, write
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import MACHINE, Actor, Change
from monitor.domain.exclusions.classification import ExclusionReference
from monitor.domain.time.interval import FOREVER, Interval, Second

_SEEN = "settled_changes"
"""The cursor: up to which change earlier months were settled."""
_CLOSED = "month.closed"
"""The change that says of a month that it was closed with credits."""
_MOVES = (
    "exclusion.approved", "timeline.corrected", "report.issued", "contract.imported",
    "contract.revised",
)  # fmt: skip
"""Changes after which an earlier month may come to something else."""
_TOUCHES = (
    "exclusion.approved", "timeline.corrected",
    "contract.imported", "contract.revised", "contract.corrected",
)  # fmt: skip
"""Changes after which the month itself may, while it is computed."""
_TOGETHER = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierDraft:
    """An earlier month as it is now. `claims` are those of it that change anything, and `standing`
    the credits and adjustments of their windows. `moves` is by how much settling it moves what
    counts against the caps of invoice lines, in minor units."""

    draft: MonthDraft
    claims: Mapping[CreditKey, Claim]
    standing: tuple[CreditId, ...]
    moves: Mapping[LineKey, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingDraft:
    """A month with the credits that begin with it, and the earlier months to settle; none of either
    where it was issued before. `seen` is the last change that this moment of the journal knows
    of."""

    month: MonthDraft
    begins: Settled
    earlier: tuple[EarlierDraft, ...]
    seen: int


def draft_closing(
    tx: BillingTransaction, month: Month, now: Second, how: Drafting, actor: Actor
) -> ClosingDraft:
    """Compute what somebody needs to issue a month. Raises MonthOpen, ChunkLost. The oldest month
    is first: what one gives more of an invoice line leaves the next less below its cap."""
    closed = _closed_months(tx, how.catalogues)
    zone = closed.get(month) or how.catalogues.present(now).catalogue.zone
    # Earlier months are computed first: in vain, where this one may not be closed.
    require_over(month, zone, now)
    is_first = not tx.reports.count(str(month))
    earlier, moves = list[EarlierDraft](), Counter[LineKey]()
    for one in _moved(tx, closed, zone) if is_first else []:
        earlier.append(_earlier(tx, one, closed[one], month, now, how, moves))
        moves.update(earlier[-1].moves)
    draft, by = draft_month(tx, month, now, how, zone=zone, moves=moves), _by(actor, now)
    if is_first and not earlier:
        # Now, and not in the transaction that others wait for.
        _ = draft.alone
    return ClosingDraft(
        month=draft,
        begins=opened(draft.claims.values(), str(month), by) if is_first else Settled(),
        earlier=tuple(earlier),
        seen=tx.changes.last(),
    )


def _earlier(
    tx: BillingTransaction,
    month: Month,
    zone: ZoneInfo,
    closing: Month,
    now: Second,
    how: Drafting,
    moves: Mapping[LineKey, int],
) -> EarlierDraft:
    draft = draft_month(tx, month, now, how, zone=zone, moves=moves)
    window = month.window(zone)
    records = within(tx.credits.within(window), window)
    # Who takes the steps does not matter: which windows they are about does.
    found = adjusted(draft.claims, records, str(closing), By(actor=MACHINE.id, at=now))
    keys = {one.credit.key for one in (*found.begun, *found.ended)}
    return EarlierDraft(
        draft=draft,
        claims={key: claim for key, claim in draft.claims.items() if key in keys},
        standing=tuple(one.id for one in records if one.credit.key in keys),
        moves=_counted_anew(found),
    )


def _counted_anew(done: Settled) -> Counter[LineKey]:
    """What a settling adds to that which fills the caps of invoice lines, and takes from it."""
    found = Counter[LineKey]()
    for record in done.begun:
        if account_of(record.state) in COUNTED:
            found.update({line: in_minor_units(money) for line, money in record.amounts})
    for record in done.ended:
        if account_of(record.steps[-1].before) in COUNTED:
            found.subtract({line: in_minor_units(money) for line, money in record.amounts})
    return found


def is_touched(tx: BillingTransaction, read: ClosingDraft) -> bool:
    """Whether something has come since that the month may rest on: then what it touches is computed
    again."""
    window = read.month.month.window(read.month.zone)
    return any(
        change.kind.startswith("contract.")
        or any(span.overlaps(window) for span in _spans(tx, change, read.month.zone))
        for change in tx.changes.of_kinds(_TOUCHES, read.seen)
    )


def issue_month(
    tx: BillingTransaction, read: ClosingDraft, actor: Actor, now: Second
) -> StoredReport:
    """Store the month's report. The first revision closes the month; a later one, where the figures
    differ, tells and pays nothing."""
    period = str(read.month.month)
    if tx.reports.count(period):
        return _issue(tx, read.month, tx.credits.adjustments(period), actor, now)
    by = _by(actor, now)
    settled = Settled.all_of(_settle_earlier(tx, one, period, actor, by) for one in read.earlier)
    stored = _issue(tx, read.month, settled.begun, actor, now)
    done = Settled.all_of([read.begins, settled])
    write(tx, done, by)
    tx.changes.append([_closed(done, period, actor, now)])
    tx.cursors.set(_SEEN, read.seen)
    return stored


def _by(actor: Actor, now: Second) -> By:
    return By(actor=actor.id, at=now, via=actor.via)


def _issue(
    tx: BillingTransaction,
    draft: MonthDraft,
    adjustments: Sequence[CreditRecord],
    actor: Actor,
    now: Second,
) -> StoredReport:
    """With the adjustments that its close made; a report without any is as it was."""
    found = draft.alone
    if adjustments:
        rows = list(adjustment_rows(adjustments, draft.zone))
        text = draft.text(rows, adjustments=_totals(adjustments))
        found = IssuedText(text, content_hash(text))
    return issue_text(tx, str(draft.month), found, actor, now, draft.evidence)


def _settle_earlier(
    tx: BillingTransaction, read: EarlierDraft, period: str, actor: Actor, by: By
) -> Settled:
    """Issue the earlier month as it is now, which is the evidence, and settle what it changes."""
    _issue(tx, read.draft, tx.credits.adjustments(str(read.draft.month)), actor, by.at)
    return adjusted(read.claims, _some(tx, read.standing), period, by)


def _some(tx: BillingTransaction, wanted: Sequence[CreditId]) -> Iterator[CreditRecord]:
    for at in range(0, len(wanted), _TOGETHER):
        yield from tx.credits.some(wanted[at : at + _TOGETHER]).values()


def _closed_months(tx: BillingTransaction, catalogues: Catalogues) -> Mapping[Month, ZoneInfo]:
    """The months closed with credits, each with the zone of its midnights, which its credits have
    whatever the company's zone is now. What was closed before there were credits was paid by hand,
    and stays as it is."""
    return {
        Month.read(change.subject): catalogues.at(change.at).zone
        for change in tx.changes.of_kinds((_CLOSED,), 0)
    }


def _moved(tx: BillingTransaction, closed: Mapping[Month, ZoneInfo], zone: ZoneInfo) -> list[Month]:
    """Those of them of which something was found out since the last close."""
    if not closed:
        return []
    spans = [
        span
        for change in tx.changes.of_kinds(_MOVES, tx.cursors.get(_SEEN))
        for span in _spans(tx, change, zone)
    ]
    return [
        month
        for month in sorted(closed)
        if any(span.overlaps(month.window(closed[month])) for span in spans)
    ]


def _spans(tx: BillingTransaction, change: Change, zone: ZoneInfo) -> Iterator[Interval]:
    """The time that a change is about: of an exclusion all that any revision of it was about, for
    the one before it counts again."""
    if change.kind == "exclusion.approved":
        record = tx.exclusions.get(ExclusionReference(change.subject))
        yield from (step.interval for step in record.revisions)
    elif change.kind == "report.issued":
        if change.after.get("revision") != 1:
            yield Month.read(change.subject).window(zone)
    elif change.kind.startswith("contract."):
        moved = figures_move.read(change)
        yield from () if moved is None else (moved,)
    else:
        start, end = change.after.get("start", 0), change.after.get("end", FOREVER)
        yield Interval(Second(int(str(start))), Second(int(str(end))))


def _closed(done: Settled, period: str, actor: Actor, now: Second) -> Change:
    began = Counter(bool(record.credit.ordinal) for record in done.begun)
    return actor.change(
        now, _CLOSED, period,
        after={
            "credits": began[False],
            "adjustments": began[True],
            "superseded": len(done.ended),
        },
    )  # fmt: skip


def _totals(records: Iterable[CreditRecord]) -> list[Mapping[str, str]]:
    """What adjustments give and what they would take back, by currency, never across."""
    give: defaultdict[str, Decimal] = defaultdict(Decimal)
    take: defaultdict[str, Decimal] = defaultdict(Decimal)
    for record in records:
        for line in record.credit.lines:
            side = take if line.amount.amount < 0 else give
            side[line.amount.currency] += line.amount.amount
    return [
        {
            "currency": currency,
            "to_give": f"{give[currency]:.{minor_units(currency)}f}",
            "to_take_back": f"{take[currency]:.{minor_units(currency)}f}",
        }
        for currency in sorted(give.keys() | take.keys())
    ]
