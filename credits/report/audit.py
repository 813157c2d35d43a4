"""The ledger's audit: every posting computed again from the credits' steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from credits.journal import BillingJournal
from credits.life.credit import CreditId
from credits.life.ledger import Holding, LedgerFault, PostingId, first_fault
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import require_every_service, require_scope

_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAudited:
    """`fault` is the first posting that differs; None where all agree. `balances` are in minor
    units."""

    credits: int
    balances: Mapping[Holding, int]
    fault: LedgerFault | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAudit:
    """Reads some hundred credits, or opened lines, at a time, each page in a transaction of its
    own: a step and what it moves are written together, so that nobody has to wait meanwhile."""

    journal: BillingJournal
    actor: Actor

    def run(self) -> LedgerAudited:
        """Raises Refused where the actor may not read billing, or is bounded to services."""
        require_scope(self.actor, Scope.BILLING_READ)
        require_every_service(self.actor)
        counted, last = 0, CreditId("")
        fault = self._faulty_opening()
        while fault is None:
            with self.journal.transaction() as tx:
                records = tx.credits.page(last, _PAGE)
                kept = {p.id: p for p in tx.credits.postings([record.id for record in records])}
            fault = first_fault(records, kept)
            counted += len(records)
            if len(records) < _PAGE:
                break
            last = records[-1].id
        with self.journal.transaction() as tx:
            return LedgerAudited(credits=counted, balances=tx.credits.balances(), fault=fault)

    def _faulty_opening(self) -> LedgerFault | None:
        last = PostingId("")
        while True:
            with self.journal.transaction() as tx:
                page = tx.credits.openings(last, _PAGE)
            fault = first_fault((), {posting.id: posting for posting in page})
            if fault is not None or len(page) < _PAGE:
                return fault
            last = page[-1].id
