"""Credits that nobody asked for within the terms' time: the machine ends them, at that time."""

from __future__ import annotations

from collections.abc import Sequence

from credits.journal import BillingTransaction
from credits.life.credit import By, CreditId, CreditRecord, advance
from credits.life.expiry import expires_at
from credits.life.states import CreditState
from credits.terms import Terms
from monitor.catalogues.in_force import Catalogues
from monitor.domain.change import MACHINE, Change
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.time.interval import FOREVER, Interval, IntervalSet, Second

PAGE = 200
"""Credits in one transaction: the core waits for no more than that."""


class PanelAway:
    """When customers could not reach what they ask by, as incidents have it: confirmed outages,
    and what a person told."""

    def __init__(self, tx: BillingTransaction) -> None:
        self._tx = tx
        self._known: dict[tuple[str, Second], IntervalSet] = {}

    def of(self, terms: Terms | None, record: CreditRecord) -> IntervalSet:
        """Since the credit stands as it does; an outage that goes on has no end."""
        if terms is None or not terms.request_paused_by:
            return IntervalSet.of(())
        key = terms.request_paused_by, record.steps[-1].at
        if key not in self._known:
            self._known[key] = self._read(ComponentId(key[0]), Interval(key[1], FOREVER))
        return self._known[key]

    def _read(self, component: ComponentId, window: Interval) -> IntervalSet:
        heads = self._tx.incidents.heads(window, component)
        found = self._tx.incidents.some([head.id for head in heads])
        return IntervalSet.of(
            Interval(part.start, FOREVER if part.end is None else part.end)
            for incident in found
            for part in incident.affected
            if part.component == component and part.status is Outcome.DOWN
            if part.end is None or part.end > part.start
        )


def shortest_within(catalogues: Catalogues) -> int | None:
    """The shortest time in which any terms that ever ran want a credit to be asked for; None where
    none do, and nothing has to be looked at."""
    found = (
        terms.fields.get("request_within_s")
        for revision in catalogues.revisions
        for terms in revision.catalogue.terms
    )
    return min((within for within in found if isinstance(within, int)), default=None)


def expire_page(
    tx: BillingTransaction, before: Second, after: CreditId, now: Second
) -> tuple[int, CreditId | None]:
    """End those of the next page whose time has passed, of the credits that became eligible no
    later than `before`. Returns how many, and behind which id to go on; None at the end."""
    page = tx.credits.eligible_since(before, after, PAGE)
    known: dict[str, Terms | None] = {}
    away, ended = PanelAway(tx), []
    for record in page:
        name = record.credit.key.terms_hash
        if name not in known:
            known[name] = tx.contracts.terms(name)
        at = expires_at(record, known[name], away.of(known[name], record))
        if at is not None and at <= now:
            step = advance(record, CreditState.EXPIRED, By(actor=MACHINE.id, at=now))
            ended.append(record.with_step(step))
    tx.credits.append(ended)
    tx.changes.append(_changes(ended, now))
    return len(ended), page[-1].id if len(page) == PAGE else None


def _changes(ended: Sequence[CreditRecord], now: Second) -> list[Change]:
    return [
        MACHINE.change(
            now, "credit.expired", str(record.id), {"state": str(record.steps[-1].before)},
            {"revision": record.revision, "state": str(record.state)},
        )
        for record in ended
    ]  # fmt: skip
