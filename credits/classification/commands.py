"""What people do about classifications: two accounts, and each step a revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from credits.classification.draft import Draft, checked_cause, checked_span
from credits.classification.effect import MonthEffect, effect_of
from credits.classified import checked_evidence, plain_words
from credits.journal import BillingJournal, BillingTransaction
from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.checks.observation import ComponentId, Json
from monitor.domain.exclusions.classification import (
    ExclusionRecord,
    ExclusionReference,
    ExclusionRevision,
    ExclusionStatus,
    RevisionState,
    exclusion_reference,
)
from monitor.domain.incidents.incident import Affected, Incident, IncidentId
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
from monitor.domain.time.interval import Interval, Second
from monitor.incidents.service_bounds import ServiceBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A classification, and the references of others that overlap it on its component for the same
    cause: in force or waiting, and perhaps the same night twice."""

    record: ExclusionRecord
    overlaps: tuple[ExclusionReference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionCommands:
    """Every method raises NotFound, Stale or Refused, and nothing has changed then; and
    JournalError where the database fails. For an actor that is bounded to services there are the
    exclusions of their components alone."""

    journal: BillingJournal
    catalogues: Catalogues
    clock: Clock
    actor: Actor

    def listed(self, status: ExclusionStatus | None = None) -> tuple[ExclusionRecord, ...]:
        """The newest step first; of one status where it is given."""
        with self.journal.transaction() as tx:
            every = tx.exclusions.every()
        seen = (record for record in every if self._sees(record))
        return tuple(record for record in seen if status in (None, record.status))

    def of_incident(self, incident: Incident) -> tuple[ExclusionRecord, ...]:
        """Those that touch one of its components while that was concerned."""
        parts = [(p.component, _span_of(p, self.clock.now())) for p in incident.affected]
        return tuple(record for record in self.listed() if _touches(record, parts))

    def show(self, wanted: str) -> Classified:
        with self.journal.transaction() as tx:
            return _with_overlaps(self._get(tx, wanted), tx.exclusions.every())

    def weighed(self, wanted: str) -> ExclusionRecord:
        """The exclusion whose effect is asked for. That names customers and money: not for accounts
        that are bounded to services."""
        require_scope(self.actor, Scope.BILLING_READ)
        require_every_service(self.actor)
        return self.show(wanted).record

    def effect(self, wanted: str) -> Iterator[MonthEffect]:
        """What approving it changes; of one that nobody has to decide about, what it takes out."""
        found = self.weighed(wanted)
        return effect_of(found, self.journal, self.catalogues, self.clock.now())

    def propose(self, draft: Draft) -> Classified:
        """Ask for time to be left out; nothing is, until somebody else approves."""
        self._require_proposer()
        now = self.clock.now()
        with self.journal.transaction() as tx:
            component, span, incident = self._about(tx, draft, now)
            step = ExclusionRevision(
                reference=_free_reference(tx, component, span),
                revision=1,
                component=component,
                interval=span,
                cause=checked_cause(draft.cause),
                evidence=checked_evidence(draft.evidence),
                incident=incident,
                proposed_by=self.actor.id,
                at=now,
            )
            return self._taken(tx, "exclusion.proposed", step)

    def revise(self, wanted: str, draft: Draft, *, revision: int | None = None) -> Classified:
        """Propose it anew; what is in force stays so until that is approved. Its component stays:
        another one is another exclusion."""
        self._require_proposer()
        now = self.clock.now()
        with self.journal.transaction() as tx:
            newest = self._seen(tx, wanted, revision).newest
            kept = replace(draft, component=draft.component or newest.component)
            if draft.incident is None:
                kept = replace(
                    kept,
                    start=newest.interval.start if draft.start is None else draft.start,
                    end=newest.interval.end if draft.end is None else draft.end,
                )
            component, span, incident = self._about(tx, kept, now)
            if component != newest.component:
                raise Refused("exclusion.other_component", id=wanted, component=newest.component)
            step = replace(
                _asked(newest, self.actor, now),
                interval=span,
                cause=checked_cause(draft.cause),
                evidence=checked_evidence(draft.evidence),
                incident=incident if draft.incident else newest.incident,
            )
            return self._taken(tx, "exclusion.revised", step)

    def withdraw(self, wanted: str, *, reason: str, revision: int | None = None) -> Classified:
        """Ask for what is in force to count again: that takes two people too."""
        self._require_proposer()
        now = self.clock.now()
        with self.journal.transaction() as tx:
            record = self._seen(tx, wanted, revision)
            in_force = record.in_force
            if in_force is None:
                raise Refused("exclusion.not_in_force", id=record.reference)
            asked = _asked(replace(in_force, revision=record.newest.revision), self.actor, now)
            words = plain_words(reason, "reason")
            evidence = replace(in_force.evidence, text=words)
            step = replace(asked, is_withdrawal=True, evidence=evidence)
            return self._taken(tx, "exclusion.withdrawal_proposed", step)

    def approve(self, wanted: str, *, reason: str, revision: int | None = None) -> Classified:
        """Put the proposal that waits in force."""
        return self._decide(wanted, RevisionState.APPROVED, reason, revision)

    def refuse(self, wanted: str, *, reason: str, revision: int | None = None) -> Classified:
        """Leave everything as it is in force."""
        return self._decide(wanted, RevisionState.REFUSED, reason, revision)

    def _decide(
        self, wanted: str, state: RevisionState, reason: str, revision: int | None
    ) -> Classified:
        require_account(self.actor)
        require_scope(self.actor, Scope.EXCLUSIONS_APPROVE)
        with self.journal.transaction() as tx:
            record = self._seen(tx, wanted, revision)
            if record.pending is None:
                raise Refused("exclusion.not_pending", id=record.reference)
            if not record.may_decide(self.actor.id):
                raise Refused("exclusion.own", id=record.reference, name=self.actor.id)
            # Who has read the first proposal and names no revision must not decide about the next.
            if revision is None and record.pending.revision > 1:
                raise Refused(
                    "exclusion.which_revision",
                    id=record.reference, revision=record.pending.revision,
                )  # fmt: skip
            step = record.pending.decided(
                state,
                by=self.actor.id,
                reason=plain_words(reason, "reason"),
                at=self.clock.now(),
            )
            return self._taken(tx, f"exclusion.{state}", step, record)

    def _require_proposer(self) -> None:
        require_account(self.actor)
        require_scope(self.actor, Scope.EXCLUSIONS_PROPOSE)

    def _about(
        self, tx: BillingTransaction, draft: Draft, now: Second
    ) -> tuple[ComponentId, Interval, IncidentId | None]:
        """Component, time and incident, of which the incident says what was not said."""
        part = None
        incident = self._incident(tx, draft.incident)
        if incident is not None:
            part = self._part_of(incident, draft.component)
        named = draft.component or (part.component if part else None)
        if named is None:
            raise Refused("exclusion.no_component")
        start = part.start if draft.start is None and part else draft.start
        end = part.end if draft.end is None and part else draft.end
        if start is None or end is None:
            raise Refused("exclusion.no_time")
        span = checked_span(start, end, now)
        return self._component(named, span), span, incident.id if incident else None

    def _incident(self, tx: BillingTransaction, wanted: str | None) -> Incident | None:
        if wanted is None:
            return None
        with suppress(NotFound):
            found = tx.incidents.get(IncidentId(wanted))
            if self._bounds.sees(found.concerned):
                return found
        raise no_such("incident", wanted, [])

    def _part_of(self, incident: Incident, component: str | None) -> Affected:
        """The incident's part about a component, or its only one that is the actor's. Raises
        Refused, which names none of others'."""
        own = [p for p in incident.affected if self._bounds.has(p.component)]
        parts = [p for p in own if component in (None, p.component)]
        if not parts and component is None:
            raise Refused("exclusion.no_component")
        if not parts:
            raise Refused("exclusion.not_of_incident", id=incident.id, component=component)
        if len({p.component for p in parts}) > 1:
            names = ", ".join(sorted({p.component for p in parts}))
            raise Refused("exclusion.which_component", id=incident.id, names=names)
        first = min(parts, key=lambda p: p.start)
        ends = [p.end for p in parts]
        last = None if None in ends else max(end for end in ends if end is not None)
        return replace(first, end=last)

    def _component(self, wanted: str, span: Interval) -> ComponentId:
        """One that there was at some time of the span, and that is the actor's."""
        there_was = {
            component.id
            for revision, effective in self.catalogues.ruling
            if effective.overlaps(span)
            for component in revision.catalogue.components
            if self._bounds.has(component.id)
        }
        if ComponentId(wanted) not in there_was:
            raise no_such("component", wanted, sorted(there_was))
        return ComponentId(wanted)

    def _get(self, tx: BillingTransaction, wanted: str) -> ExclusionRecord:
        with suppress(NotFound):
            found = tx.exclusions.get(ExclusionReference(wanted))
            if self._sees(found):
                return found
        known = [r.reference for r in tx.exclusions.every() if self._sees(r)]
        raise no_such("exclusion", wanted, known)

    def _seen(self, tx: BillingTransaction, wanted: str, revision: int | None) -> ExclusionRecord:
        found = self._get(tx, wanted)
        require_seen("exclusion", found.reference, revision, found.newest.revision)
        return found

    def _sees(self, record: ExclusionRecord) -> bool:
        return self._bounds.has(record.newest.component)

    @property
    def _bounds(self) -> ServiceBounds:
        now = self.clock.now()
        return ServiceBounds.of(self.actor, self.catalogues.present(now).catalogue)

    def _taken(
        self,
        tx: BillingTransaction,
        kind: str,
        step: ExclusionRevision,
        before: ExclusionRecord | None = None,
    ) -> Classified:
        tx.exclusions.append(step)
        was = {} if before is None else _said(before.newest)
        change = self.actor.change(step.at, kind, str(step.reference), was, _said(step))
        tx.changes.append([change])
        return _with_overlaps(tx.exclusions.get(step.reference), tx.exclusions.every())


def _asked(former: ExclusionRevision, actor: Actor, now: Second) -> ExclusionRevision:
    """The next proposal on a reference."""
    return replace(
        former,
        revision=former.revision + 1,
        state=RevisionState.PROPOSED,
        is_withdrawal=False,
        proposed_by=actor.id,
        decided_by=None,
        reason="",
        at=now,
    )


def _span_of(part: Affected, now: Second) -> Interval:
    return Interval(part.start, Second(max(part.start, now)) if part.end is None else part.end)


def _touches(record: ExclusionRecord, parts: Iterable[tuple[ComponentId, Interval]]) -> bool:
    return any(
        one.component == component and one.interval.overlaps(span)
        for one in (record.newest, record.in_force)
        if one is not None
        for component, span in parts
    )


def _free_reference(
    tx: BillingTransaction, component: ComponentId, span: Interval
) -> ExclusionReference:
    for salt in range(100):
        wanted = exclusion_reference(component, span, salt)
        try:
            tx.exclusions.get(wanted)
        except NotFound:
            return wanted
    raise Refused("exclusion.too_many")


def _with_overlaps(record: ExclusionRecord, every: Iterable[ExclusionRecord]) -> Classified:
    mine = record.newest
    found = (
        other.reference
        for other in every
        if other.reference != record.reference and any(map(mine.repeats, _live(other)))
    )
    return Classified(record=record, overlaps=tuple(sorted(found)))


def _live(record: ExclusionRecord) -> Iterator[ExclusionRevision]:
    """What is in force or asked for."""
    for one in (record.in_force, record.pending):
        if one is not None and not one.is_withdrawal:
            yield one


def _said(step: ExclusionRevision) -> Mapping[str, Json]:
    """What a change stores of a step: the evidence by its size alone, for it stays in the journal
    under the same reference."""
    return {
        "revision": step.revision,
        "state": str(step.state),
        "component": str(step.component),
        "start": int(step.interval.start),
        "end": int(step.interval.end),
        "cause": step.cause,
        "is_withdrawal": step.is_withdrawal,
        "proposed_by": step.proposed_by,
        **({"reason": step.reason} if step.reason else {}),
    }
