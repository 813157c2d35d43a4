"""Credits as people look for them, and one with its whole story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credits.handling.expiry import PanelAway
from credits.journal import BillingJournal, BillingTransaction
from credits.life.bars import Bar, barred
from credits.life.credit import CreditId, CreditRecord
from credits.life.expiry import expires_at
from credits.life.ledger import Posting
from credits.ports import WantedCredits
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.refusals import require_every_service, require_scope
from monitor.domain.time.interval import Second


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditStory:
    """A credit, the others of the same time of its contract (what it replaced, and adjustments),
    the incidents of its components in its window, newest first, what its steps moved in the ledger,
    and who may not approve it."""

    record: CreditRecord
    beside: tuple[CreditRecord, ...]
    incidents: tuple[IncidentId, ...]
    postings: tuple[Posting, ...]
    barred: Mapping[str, tuple[Bar, ...]]
    expires_at: Second | None
    """Until when it may be asked for; None where that is for ever, or it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditReading:
    """Raises Refused where the actor may not read credits, or is bounded to services: they name
    customers; and JournalError."""

    journal: BillingJournal
    actor: Actor

    def page(self, wanted: WantedCredits, before: str | None, limit: int) -> Sequence[CreditRecord]:
        """Up to `limit`, the newest month first, behind the id `before`."""
        self._require_rights()
        with self.journal.transaction() as tx:
            return tx.credits.listed(wanted, CreditId(before) if before else None, limit)

    def show(self, wanted: str) -> CreditStory:
        """Raises NotFound besides."""
        self._require_rights()
        with self.journal.transaction() as tx:
            return story_of(tx, CreditId(wanted))

    def _require_rights(self) -> None:
        require_scope(self.actor, Scope.CREDITS_READ)
        require_every_service(self.actor)


def story_of(tx: BillingTransaction, wanted: CreditId) -> CreditStory:
    """As it is told to who may see it. Raises NotFound."""
    record = tx.credits.get(wanted)
    terms = tx.contracts.terms(record.credit.key.terms_hash)
    beside = tuple(tx.credits.beside(record.credit))
    return CreditStory(
        record=record,
        beside=beside,
        incidents=_incidents(tx, record),
        postings=tuple(tx.credits.postings([record.id])),
        barred=barred(record, beside, tx.exclusions.every(), tx.rulings.speakers(record.credit)),
        expires_at=expires_at(record, terms, PanelAway(tx).of(terms, record)),
    )


def _incidents(tx: BillingTransaction, record: CreditRecord) -> tuple[IncidentId, ...]:
    window = record.credit.key.window
    heads = (
        head.id
        for component in record.credit.components
        for head in tx.incidents.heads(window, ComponentId(component))
    )
    return tuple(dict.fromkeys(heads))
