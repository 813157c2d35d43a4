"""What only people say: that a credit is in the panel, and that a call that was given up may be
made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from credits.billing.payment import payment_of
from credits.billing.ports import Payment
from credits.billing.steps import BY_HAND, asked_panel, is_absent, take
from credits.journal import BillingJournal, BillingTransaction
from credits.life.credit import By, CreditId, CreditRecord, advance
from credits.life.states import CreditState
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.refusals import (
    Refused,
    require_account,
    require_every_service,
    require_scope,
    require_seen,
)
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.domain.untrusted_text import is_plain_line

MOST_CONFIRMED = 500
_LONGEST = 200
_PAGE = 200
_S = CreditState


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """A credit that people carry, and since when."""

    payment: Payment
    record: CreditRecord
    since: Second


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedByHand:
    """Each method raises Refused, NotFound or Stale, and nothing has changed then."""

    journal: BillingJournal
    clock: Clock
    actor: Actor
    description: str = ""

    def show(self, wanted: str) -> CreditRecord:
        self._require_rights(Scope.CREDITS_READ)
        with self.journal.transaction() as tx:
            return tx.credits.get(CreditId(wanted))

    def waiting(self, after: CreditId = CreditId("")) -> Iterator[HandedOut]:  # noqa: B008
        """What was handed out and is not confirmed, by id; those behind that one."""
        self._require_rights(Scope.CREDITS_READ)
        last = after
        while True:
            with self.journal.transaction() as tx:
                page = tx.credits.page(last, _PAGE, _S.APPLYING)
            for record in page:
                if asked_panel(record) == BY_HAND:
                    payment = payment_of(record, self.description)
                    yield HandedOut(payment=payment, record=record, since=record.steps[-1].at)
            if len(page) < _PAGE:
                return
            last = page[-1].id

    def confirm(self, references: Mapping[str, str]) -> Sequence[CreditRecord]:
        """Say of credits under which reference the panel has them; all, or none of them. Again with
        the same reference it changes nothing."""
        self._require_rights(Scope.CREDITS_APPLY)
        require_account(self.actor)
        if len(references) > MOST_CONFIRMED:
            raise Refused("credit.too_many_confirmed", most=MOST_CONFIRMED)
        with self.journal.transaction() as tx:
            return [self._confirm(tx, CreditId(k), ref) for k, ref in references.items()]

    def release(self, wanted: str, *, reason: str, revision: int | None = None) -> CreditRecord:
        """Let what is not in the panel be applied again. Only once it was searched for after
        `apply_settle` and not found; what people carry, on their word."""
        self._require_rights(Scope.CREDITS_APPLY)
        require_account(self.actor)
        words = _plain(reason, "reason")
        with self.journal.transaction() as tx:
            record = tx.credits.get(CreditId(wanted))
            require_seen("credit", record.id, revision, record.revision)
            is_theirs = asked_panel(record) == BY_HAND
            if record.state is _S.APPLYING and is_theirs:
                step = advance(record, _S.APPLY_UNKNOWN, self._by, reason=words)
                record = take(tx, record, step, self.actor)
            if record.state is not _S.APPLY_UNKNOWN:
                raise Refused("credit.not_unknown", id=record.id, state=str(record.state))
            if not is_theirs and not is_absent(tx, record):
                raise Refused("credit.not_settled", id=record.id)
            step = advance(record, _S.APPROVED, self._by, reason=words)
            return take(tx, record, step, self.actor)

    def _confirm(self, tx: BillingTransaction, wanted: CreditId, reference: str) -> CreditRecord:
        record = tx.credits.get(wanted)
        words = _plain(reference, "reference")
        if record.state is _S.APPLIED and record.steps[-1].reference == words:
            return record
        if record.state is _S.APPLYING and asked_panel(record) != BY_HAND:
            raise Refused("credit.in_flight", id=record.id)
        step = advance(record, _S.APPLIED, self._by, reference=words)
        return take(tx, record, step, self.actor)

    def _require_rights(self, scope: Scope) -> None:
        require_scope(self.actor, scope)
        require_every_service(self.actor)

    @property
    def _by(self) -> By:
        return By(actor=self.actor.id, at=self.clock.now(), via=self.actor.via)


def _plain(text: str, what: str) -> str:
    words = text.strip()
    if not words or len(words) > _LONGEST or not is_plain_line(words):
        raise Refused("text.not_plain", what=what, most=_LONGEST)
    return words
