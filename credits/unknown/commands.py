"""What people do about unknown time: one account says what it was, another one decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from credits.classified import checked_evidence, plain_words
from credits.journal import BillingJournal, BillingTransaction
from credits.life.credit import (
    Assumed,
    By,
    CreditId,
    CreditRecord,
    decide,
    request,
)
from credits.life.ruling import (
    Chosen,
    Covered,
    RulingRecord,
    RulingReference,
    RulingStatus,
    RulingStep,
    ruling_reference,
)
from credits.life.settlement import unanswered
from credits.life.states import CreditState
from credits.period.month import Month
from credits.unknown.caps import KnownCaps, named
from credits.unknown.sources import Source, chosen_from, sources_of
from credits.unknown.waiting import explain, read_waiting
from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.checks.observation import Json
from monitor.domain.exclusions.classification import Evidence, RevisionState
from monitor.domain.refusals import (
    NotFound,
    Refused,
    no_such,
    require_account,
    require_every_service,
    require_scope,
    require_seen,
)
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

MOST_NAMED = 1_000
"""Credits that a proposal names one by one; chosen by their cause, there may be any number."""
_PAGE = 500
_KINDS = {CreditState.ELIGIBLE: "owed", CreditState.PENDING_HUMAN_APPROVAL: "to_take_back"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingDraft:
    """What somebody says the unknown seconds were, of credits that are `chosen` by their cause or
    named one by one, never both."""

    assumed: str
    evidence: Evidence
    chosen: Chosen | None = None
    credits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """A ruling with what its newest proposal covers. `unfit` are those that it can decide no more:
    something has happened to them since. `overlaps` are other proposals that wait about some of
    them."""

    record: RulingRecord
    credits: tuple[CreditRecord, ...]
    unfit: tuple[CreditId, ...] = ()
    overlaps: tuple[RulingReference, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A ruling at a revision, with what it covers as that stood a moment ago."""

    reference: RulingReference
    revision: int
    covered: Sequence[Covered]
    held: Mapping[CreditId, CreditRecord]
    caps: KnownCaps

    def fitting(self, tx: BillingTransaction) -> list[CreditRecord]:
        """All that it covers. Raises Refused, by name, where one does not fit any more: at the same
        step it is what it was."""
        now = tx.credits.revisions([one.credit for one in self.covered])
        held = {name: one for name, one in self.held.items() if now.get(name) == one.revision}
        _require_fit(self.reference, self.covered, held)
        return [held[one.credit] for one in self.covered]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails. It is about all customers' money: not for accounts that
    are bounded to services."""

    journal: BillingJournal
    catalogues: Catalogues
    clock: Clock
    actor: Actor

    def sources(self, month: str = "") -> list[Source]:
        """What waits, by where its unknown time came from: of all months, or of one."""
        self._require_reader()
        wanted = None if not month else _month(month)
        return sources_of(read_waiting(self.journal, self.catalogues, self.clock.now(), wanted))

    def listed(self, status: RulingStatus | None = None) -> tuple[RulingRecord, ...]:
        """The newest step first; of one status where it is given."""
        self._require_reader()
        with self.journal.transaction() as tx:
            every = tx.rulings.every()
        return tuple(record for record in every if status in (None, record.status))

    def show(self, wanted: str) -> Ruled:
        self._require_reader()
        with self.journal.transaction() as tx:
            return _ruled(tx, _get(tx, wanted))

    def sources_of(self, ruled: Ruled) -> list[Source]:
        """Where the unknown time of its credits came from, as it is known now."""
        self._require_reader()
        now = self.clock.now()
        return sources_of(explain(self.journal, self.catalogues, now, ruled.credits))

    def propose(self, draft: RulingDraft) -> Ruled:
        """Say what unknown seconds were; nothing is decided until somebody else approves."""
        self._require_proposer()
        covered, now = self._covered(draft), self.clock.now()
        with self.journal.transaction() as tx:
            step = self._step(draft, covered, _free_reference(tx, self.actor.id, now), now)
            return self._proposed(tx, "ruling.proposed", step, covered)

    def revise(self, wanted: str, draft: RulingDraft, *, revision: int | None = None) -> Ruled:
        """Propose it anew, also about others; the proposal before it is not decided any more."""
        self._require_proposer()
        with self.journal.transaction() as tx:
            _open(tx, wanted, revision)
        covered, now = self._covered(draft), self.clock.now()
        with self.journal.transaction() as tx:
            record = _open(tx, wanted, revision)
            step = self._step(draft, covered, record.reference, now)
            step = replace(step, revision=record.newest.revision + 1)
            return self._proposed(tx, "ruling.revised", step, covered)

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Ruled:
        """Leave everything that it covers waiting."""
        with self.journal.transaction() as tx:
            record = self._pending(tx, wanted, revision)
            step = self._decision(record, RevisionState.REFUSED, reason)
            tx.rulings.append(step, self.actor.via)
            self._note(tx, "ruling.refused", step)
            return _ruled(tx, tx.rulings.get(record.reference))

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Ruled:
        """Decide every credit that it covers, or none: refused by name where one does not fit."""
        read = self._read(wanted, revision)
        with self.journal.transaction() as tx:
            record = self._pending(tx, wanted, read.revision if revision is None else revision)
            step = self._decision(record, RevisionState.APPROVED, reason)
            held = read.fitting(tx)
            read.caps.refuse_beyond(tx, held, step.assumed)
            by = By(actor=self.actor.id, at=step.at, via=self.actor.via)
            decided = [
                one.with_step(decide(one, step.assumed, by, reason=step.reason)) for one in held
            ]
            tx.rulings.append(step, self.actor.via)
            tx.credits.append(decided)
            asked = _carry_tickets(tx, decided, by)
            self._note(tx, "ruling.approved", step, decided)
            now = tuple(asked.get(one.id, one) for one in decided)
            return Ruled(record=RulingRecord((*record.steps, step)), credits=now)

    def _pending(self, tx: BillingTransaction, wanted: str, revision: int | None) -> RulingRecord:
        """The ruling, where this actor may decide about it now."""
        require_account(self.actor)
        require_scope(self.actor, Scope.UNKNOWN_APPROVE)
        self._require_reader()
        record = _seen(tx, wanted, revision)
        if record.pending is None:
            raise Refused("ruling.not_pending", id=record.reference)
        if not record.may_decide(self.actor.id):
            raise Refused("ruling.own", id=record.reference, name=self.actor.id)
        # Who has read the first proposal and names no revision must not decide about the next.
        if revision is None and record.pending.revision > 1:
            raise Refused(
                "ruling.which_revision", id=record.reference, revision=record.pending.revision
            )
        return record

    def _decision(self, record: RulingRecord, state: RevisionState, reason: str) -> RulingStep:
        return record.newest.decided(
            state, by=self.actor.id, reason=plain_words(reason, "reason"), at=self.clock.now()
        )

    def _covered(self, draft: RulingDraft) -> tuple[Covered, ...]:
        """The credits that are meant, as they stand. Raises Refused."""
        if (draft.chosen is None) is not bool(draft.credits):
            raise Refused("ruling.which_credits")
        if draft.chosen is None:
            return self._named(draft.credits)
        wanted, now = _month(draft.chosen.month), self.clock.now()
        waiting = read_waiting(self.journal, self.catalogues, now, wanted)
        meant = chosen_from(waiting, draft.chosen)
        return tuple(Covered(credit=one.record.id, seq=one.record.revision) for one in meant)

    def _named(self, names: Sequence[str]) -> tuple[Covered, ...]:
        wanted = [CreditId(name) for name in dict.fromkeys(names)]
        if len(wanted) > MOST_NAMED:
            raise Refused("ruling.too_many_named", most=MOST_NAMED)
        with self.journal.transaction() as tx:
            found = tx.credits.some(wanted)
        for name in wanted:
            if name not in found:
                raise NotFound("credit.unknown", id=str(name))
            if found[name].state is not CreditState.NEEDS_REVIEW:
                state = str(found[name].state)
                raise Refused("ruling.not_waiting", id=str(name), state=state)
        return tuple(Covered(credit=name, seq=found[name].revision) for name in sorted(wanted))

    def _step(
        self,
        draft: RulingDraft,
        covered: Sequence[Covered],
        reference: RulingReference,
        now: Second,
    ) -> RulingStep:
        return RulingStep(
            reference=reference,
            revision=1,
            assumed=_assumed(draft.assumed),
            evidence=checked_evidence(draft.evidence),
            credits=len(covered),
            proposed_by=self.actor.id,
            at=now,
            chosen=draft.chosen,
        )

    def _proposed(
        self, tx: BillingTransaction, kind: str, step: RulingStep, covered: Sequence[Covered]
    ) -> Ruled:
        held = tx.credits.some([one.credit for one in covered])
        _require_fit(step.reference, covered, held)
        _refuse_unpriced(held.values(), step.assumed)
        tx.rulings.append(step, self.actor.via, covered)
        self._note(tx, kind, step)
        record = tx.rulings.get(step.reference)
        return Ruled(
            record=record,
            credits=tuple(held[one.credit] for one in covered),
            overlaps=_overlaps(tx, record, list(held)),
        )

    def _note(
        self,
        tx: BillingTransaction,
        kind: str,
        step: RulingStep,
        decided: Sequence[CreditRecord] = (),
    ) -> None:
        after = _said(step) | _outcome(decided)
        tx.changes.append([self.actor.change(step.at, kind, str(step.reference), after=after)])

    def _read(self, wanted: str, revision: int | None) -> _Read:
        """What a ruling covers, read before the transaction that decides: with thousands of credits
        the core would have to wait for it."""
        with self.journal.transaction() as tx:
            record = self._pending(tx, wanted, revision)
            covered = tx.rulings.covered(record.reference, record.proposal.revision)
            caps = KnownCaps(seen=tx.changes.last())
        held: dict[CreditId, CreditRecord] = {}
        for start in range(0, len(covered), _PAGE):
            with self.journal.transaction() as tx:
                some = tx.credits.some([one.credit for one in covered[start : start + _PAGE]])
                caps.read(tx, some.values())
            held |= some
        return _Read(record.reference, record.newest.revision, covered, held, caps)

    def _require_reader(self) -> None:
        require_scope(self.actor, Scope.BILLING_READ)
        require_every_service(self.actor)

    def _require_proposer(self) -> None:
        require_account(self.actor)
        require_scope(self.actor, Scope.UNKNOWN_PROPOSE)
        self._require_reader()


def _get(tx: BillingTransaction, wanted: str) -> RulingRecord:
    with suppress(NotFound):
        return tx.rulings.get(RulingReference(wanted))
    raise no_such("ruling", wanted, [record.reference for record in tx.rulings.every()])


def _seen(tx: BillingTransaction, wanted: str, revision: int | None) -> RulingRecord:
    found = _get(tx, wanted)
    require_seen("ruling", found.reference, revision, found.newest.revision)
    return found


def _open(tx: BillingTransaction, wanted: str, revision: int | None) -> RulingRecord:
    """One that may be proposed anew."""
    found = _seen(tx, wanted, revision)
    if found.status is RulingStatus.APPROVED:
        raise Refused("ruling.over", id=found.reference)
    return found


def _ruled(tx: BillingTransaction, record: RulingRecord) -> Ruled:
    covered = tx.rulings.covered(record.reference, record.proposal.revision)
    held = tx.credits.some([one.credit for one in covered])
    is_open = record.status is not RulingStatus.APPROVED
    unfit = [one.credit for one in covered if not one.fits(held.get(one.credit))]
    return Ruled(
        record=record,
        credits=tuple(held[one.credit] for one in covered if one.credit in held),
        unfit=tuple(unfit) if is_open else (),
        overlaps=_overlaps(tx, record, list(held)) if is_open else (),
    )


def _overlaps(
    tx: BillingTransaction, record: RulingRecord, held: Sequence[CreditId]
) -> tuple[RulingReference, ...]:
    others = sorted(tx.rulings.covering(held) - {record.reference})
    return tuple(other for other in others if tx.rulings.get(other).pending is not None)


def _require_fit(
    reference: RulingReference,
    covered: Sequence[Covered],
    held: Mapping[CreditId, CreditRecord],
) -> None:
    unfit = [one.credit for one in covered if not one.fits(held.get(one.credit))]
    if unfit:
        raise Refused("ruling.unfit", id=reference, count=len(unfit), names=named(unfit))


def _refuse_unpriced(held: Iterable[CreditRecord], assumed: Assumed) -> None:
    """Nobody knows what they would come to: nothing but closing them can be decided."""
    unpriced = [one.id for one in held if not one.credit.lines]
    if unpriced and assumed is not Assumed.CLOSED:
        raise Refused("ruling.unpriced", count=len(unpriced), names=named(unpriced))


def _carry_tickets(
    tx: BillingTransaction, decided: Sequence[CreditRecord], by: By
) -> Mapping[CreditId, CreditRecord]:
    """What customers had asked for when the month was counted before goes on being asked for."""
    asked: dict[CreditId, CreditRecord] = {}
    for one in decided:
        if one.credit.ordinal and one.state is CreditState.ELIGIBLE:
            beside = tx.credits.beside(one.credit)
            own = [other for other in beside if other.credit.key == one.credit.key]
            asked[one.id] = _asked_again(tx, one, unanswered([*own, one]), by)
    return asked


def _asked_again(
    tx: BillingTransaction, one: CreditRecord, tickets: Sequence[str], by: By
) -> CreditRecord:
    for ticket in tickets:
        step = request(one, ticket, by)
        if step is not None:
            one = one.with_step(step)
            tx.credits.append([one])
    return one


def _free_reference(tx: BillingTransaction, who: str, now: Second) -> RulingReference:
    for salt in range(100):
        wanted = ruling_reference(who, now, salt)
        try:
            tx.rulings.get(wanted)
        except NotFound:
            return wanted
    raise Refused("ruling.too_many")


def _assumed(text: str) -> Assumed:
    if text not in list(Assumed):
        raise Refused("ruling.assumed", got=text[:40], choices=", ".join(Assumed))
    return Assumed(text)


def _month(text: str) -> Month:
    try:
        return Month.read(text)
    except ValueError:
        raise Refused("ruling.month", got=text[:40]) from None


def _said(step: RulingStep) -> dict[str, Json]:
    """What a change stores of a step; its evidence stays in the journal under the same
    reference."""
    chosen = step.chosen
    return {
        "revision": step.revision,
        "state": str(step.state),
        "assumed": str(step.assumed),
        "credits": step.credits,
        "proposed_by": step.proposed_by,
        **({} if chosen is None else {"month": chosen.month, "cause": chosen.cause}),
        **({"reason": step.reason} if step.reason else {}),
    }


def _outcome(decided: Sequence[CreditRecord]) -> dict[str, Json]:
    """How many became what."""
    words = [_KINDS.get(one.state, "nothing_due") for one in decided]
    return {word: words.count(word) for word in sorted(set(words))}
