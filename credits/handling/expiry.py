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
from monitor.domain.time.interval import Second

PAGE = 200
"""Credits in one transaction: the core waits for no more than that."""


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
    ended = []
    for record in page:
        name = record.credit.key.terms_hash
        if name not in known:
            known[name] = tx.contracts.terms(name)
        at = expires_at(record, known[name])
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
