"""What people do about a credit, step by step. Asking, and approving, are two people's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from credits.handling.expiry import PanelAway
from credits.handling.tickets import Tickets, checked_ticket
from credits.journal import BillingJournal, BillingTransaction
from credits.life.bars import Bar, barred
from credits.life.credit import By, CreditId, CreditRecord, CreditStep, advance, approve, request
from credits.life.expiry import expires_at
from credits.life.states import CreditState
from credits.stamps import utc_text
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, Change
from monitor.domain.checks.observation import Json
from monitor.domain.exclusions.classification import ExclusionRecord
from monitor.domain.refusals import (
    Refused,
    public_text,
    require_account,
    require_every_service,
    require_scope,
    require_seen,
)
from monitor.domain.text import Text
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

MOST_AT_ONCE = 500
"""Credits in one call. A night that reaches more takes several calls."""
_PAGE = 25
"""Credits in one transaction: the core waits for no more than that, a twentieth of a second."""
_LONGEST_CLAUSE = 100
_NEGATIVE = CreditState.PENDING_HUMAN_APPROVAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One of many; `revision` is the one that was seen, where that is said."""

    credit: CreditId
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one of many: how it stands now, or why nothing was done."""

    credit: CreditId
    record: CreditRecord | None = None
    refusal: Refused | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails. Credits name customers: accounts that are bounded to
    services have none of it. `tickets` None: no panel says whose a ticket is, and whoever reviews
    looks it up."""

    journal: BillingJournal
    clock: Clock
    actor: Actor
    tickets: Tickets | None = None

    def request(
        self, wanted: str, *, ticket: str, client: str, revision: int | None = None
    ) -> CreditRecord:
        """Ask for it by a ticket of its client. A second ticket joins the same credit; the same one
        again changes nothing."""
        self._require(Scope.CREDITS_REQUEST)
        code = checked_ticket(ticket)
        self._require_owner(code, client)
        with self.journal.transaction() as tx:
            record = _seen(tx, wanted, revision)
            _require_client(tx, record, code, client)
            _require_in_time(tx, record, self.clock.now())
            step = request(record, code, self._by())
            if step is None:
                return record
            return self._taken(tx, record.with_step(step))

    def review(self, wanted: str, *, revision: int | None = None) -> CreditRecord:
        """Take a request up: somebody looks at the ticket and at the figures."""
        self._require(Scope.CREDITS_REQUEST)
        with self.journal.transaction() as tx:
            record = _seen(tx, wanted, revision)
            return self._taken(tx, record.with_step(self._reviewed(record)))

    def approve(
        self, wanted: str, *, reason: str = "", revision: int | None = None
    ) -> CreditRecord:
        """Approve it; never by who asked for it, nor by who said what it rests on."""
        self._require(Scope.CREDITS_APPROVE)
        words = _words(reason)
        with self.journal.transaction() as tx:
            record = _seen(tx, wanted, revision)
            step = self._approved(tx, record, tx.exclusions.every(), words)
            return self._taken(tx, record.with_step(step))

    def reject(
        self, wanted: str, *, reason: str, clause: str, revision: int | None = None
    ) -> CreditRecord:
        """Refuse a request, by a clause of the contract; or leave with the customer what an
        adjustment would take back, which is money too: two people's then."""
        self._require(Scope.CREDITS_APPROVE)
        words, named = _plain(reason, "reason"), _clause(clause)
        with self.journal.transaction() as tx:
            record = _seen(tx, wanted, revision)
            step = advance(record, CreditState.REJECTED, self._by(), reason=words, clause=named)
            if record.state is _NEGATIVE:
                self._require_other(tx, record, tx.exclusions.every())
            return self._taken(tx, record.with_step(step))

    def review_all(self, chosen: Sequence[Chosen]) -> tuple[Judged, ...]:
        """Take many up, each judged by itself."""
        self._require(Scope.CREDITS_REQUEST)
        return self._each(chosen, lambda tx, record, _: self._reviewed(record))

    def approve_all(self, chosen: Sequence[Chosen], *, reason: str = "") -> tuple[Judged, ...]:
        """Approve many for one reason, each judged by itself: those that may not be approved stay
        as they are, and say why."""
        self._require(Scope.CREDITS_APPROVE)
        words = _words(reason)
        return self._each(
            chosen, lambda tx, record, known: self._approved(tx, record, known, words)
        )

    def _each(
        self,
        chosen: Sequence[Chosen],
        judge: Callable[[BillingTransaction, CreditRecord, Sequence[ExclusionRecord]], CreditStep],
    ) -> tuple[Judged, ...]:
        """Some at a time, each page in a transaction of its own. Raises Refused where there are too
        many, or one stands there twice."""
        if len(chosen) > MOST_AT_ONCE:
            raise Refused("credit.too_many", count=len(chosen), most=MOST_AT_ONCE)
        twice = {one.credit for one in chosen if sum(o.credit == one.credit for o in chosen) > 1}
        if twice:
            raise Refused("credit.twice", id=min(twice))
        found: list[Judged] = []
        for start in range(0, len(chosen), _PAGE):
            with self.journal.transaction() as tx:
                known = tx.exclusions.every()
                judged = [_judged(tx, one, known, judge) for one in chosen[start : start + _PAGE]]
                records = [one.record for one in judged if one.record is not None]
                tx.credits.append(records)
                tx.changes.append([self._change(record) for record in records])
            found += judged
        return tuple(found)

    def _reviewed(self, record: CreditRecord) -> CreditStep:
        return advance(record, CreditState.UNDER_REVIEW, self._by())

    def _approved(
        self,
        tx: BillingTransaction,
        record: CreditRecord,
        known: Sequence[ExclusionRecord],
        reason: str,
    ) -> CreditStep:
        # What releases a credit that was held is no approval, and is not decided here.
        if record.state not in (CreditState.UNDER_REVIEW, _NEGATIVE):
            raise Refused(
                "credit.no_arrow", id=record.id, state=str(record.state),
                wanted=str(CreditState.APPROVED),
            )  # fmt: skip
        found = self._require_other(tx, record, known)
        return approve(record, found.keys(), self._by(), reason=reason)

    def _require_other(
        self, tx: BillingTransaction, record: CreditRecord, known: Sequence[ExclusionRecord]
    ) -> Mapping[str, tuple[Bar, ...]]:
        """Nobody who took part. Raises Refused, which says by what."""
        speakers = tx.rulings.speakers(record.credit)
        found = barred(record, tx.credits.beside(record.credit), known, speakers)
        if self.actor.id in found:
            why = str(found[self.actor.id][0])
            raise Refused("credit.two_people", id=record.id, name=self.actor.id, why=why)
        return found

    def _require(self, scope: Scope) -> None:
        """A person's account: what the host's shell or the machine asked for would be nobody's, and
        one person could then do both."""
        require_account(self.actor)
        require_scope(self.actor, scope)
        require_every_service(self.actor)

    def _require_owner(self, ticket: str, client: str) -> None:
        """Asked before the transaction, for the panel may take its time."""
        if self.tickets is None:
            return
        owner = self.tickets.client_of(ticket)
        if owner is None:
            raise Refused("credit.ticket_unknown", ticket=ticket)
        if owner != client:
            raise Refused("credit.ticket_of_other", ticket=ticket, client=client)

    def _by(self) -> By:
        return By(actor=self.actor.id, at=self.clock.now(), via=self.actor.via)

    def _taken(self, tx: BillingTransaction, record: CreditRecord) -> CreditRecord:
        tx.credits.append([record])
        tx.changes.append([self._change(record)])
        return record

    def _change(self, record: CreditRecord) -> Change:
        step = record.steps[-1]
        before: dict[str, Json] = {"state": str(step.before)}
        return self.actor.change(step.at, _kind(step), str(record.id), before, _said(step))


def _judged(
    tx: BillingTransaction,
    one: Chosen,
    known: Sequence[ExclusionRecord],
    judge: Callable[[BillingTransaction, CreditRecord, Sequence[ExclusionRecord]], CreditStep],
) -> Judged:
    try:
        record = _seen(tx, one.credit, one.revision)
        return Judged(credit=one.credit, record=record.with_step(judge(tx, record, known)))
    except Refused as refusal:
        return Judged(credit=one.credit, refusal=refusal)


def _seen(tx: BillingTransaction, wanted: str, revision: int | None) -> CreditRecord:
    found = tx.credits.get(CreditId(wanted))
    require_seen("credit", found.id, revision, found.revision)
    return found


def _require_client(tx: BillingTransaction, record: CreditRecord, ticket: str, client: str) -> None:
    """A ticket of one client never asks for another one's credit: neither as it is said to be, nor
    as it was said to be before. Raises Refused, which does not say whose the credit is."""
    if client != record.credit.client_id:
        raise Refused("credit.of_other_client", id=record.id, client=client)
    if tx.credits.clients_of_ticket(ticket) - {client}:
        raise Refused("credit.ticket_of_other", ticket=ticket, client=client)


def _require_in_time(tx: BillingTransaction, record: CreditRecord, now: Second) -> None:
    """The terms' last day ends at its second, whenever the core gets round to ending the credit.
    Raises Refused."""
    if record.state is not CreditState.ELIGIBLE:
        return
    terms = tx.contracts.terms(record.credit.key.terms_hash)
    ended = expires_at(record, terms, PanelAway(tx).of(terms, record))
    if ended is not None and ended <= now:
        raise Refused("credit.too_late", id=record.id, ended=utc_text(ended))


def _kind(step: CreditStep) -> str:
    """The verb of a change. A ticket that joins leaves the state as it is."""
    if step.before is step.after:
        return "credit.joined"
    return f"credit.{step.after}"


def _said(step: CreditStep) -> Mapping[str, Json]:
    """What a change stores of a step."""
    named = {"ticket": step.ticket, "reason": step.reason, "clause": step.clause}
    return {
        "revision": step.seq,
        "state": str(step.after),
        **{name: text for name, text in named.items() if text},
    }


def _clause(written: str) -> str:
    found = _plain(written, "clause")
    if len(found) > _LONGEST_CLAUSE:
        raise Refused("text.too_long", what="clause", length=len(found), most=_LONGEST_CLAUSE)
    return found


def _words(written: str) -> str:
    return _plain(written, "reason") if written.strip() else ""


def _plain(written: str, what: str) -> str:
    """Trimmed, bounded and without control characters. Raises Refused."""
    return public_text(Text({"es": written}), what).in_locale("es")
