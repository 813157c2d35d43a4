"""Incidents that people merge, split and link."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.checks.observation import ComponentId, FailureClass
from monitor.domain.incidents.incident import Incident, Piece
from monitor.domain.incidents.joining import linked, merged, split, unlinked
from monitor.domain.refusals import NotFound, Refused, no_such, public_text
from monitor.domain.text import Text
from monitor.incident_text.parts import has_public_part
from monitor.incident_text.text import machine_title
from monitor.incidents.carried_over import carry_over
from monitor.incidents.free_id import free_id
from monitor.incidents.use_cases import IncidentUseCases
from monitor.journal.ports import JournalTransaction


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentJoining(IncidentUseCases):
    """Who does this may write every incident that it touches, and so all their components.
    `failures` are the words of a title that the machine gives."""

    failures: Mapping[str, FailureClass]

    def merge(self, wanted: str, into: str, *, text: Text, revision: int | None = None) -> Incident:
        """Let an incident go on in another, which is returned: the first is over and points there.
        The machine's parts go over as they are, and recover in the other. Nobody is alerted again
        of what they had a message about."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            source = self.open_one(tx, wanted, revision)
            target = self._other(tx, source, into)
            left, grown = merged(source, self.open_one(tx, target.id, None), now)
            gone = self.save(tx, source, self.written(left, text, None, now), "incident.merged")
            taken = self.written(grown, text, None, now)
            saved = self.save(tx, target, taken, "incident.merged_with")
            carry_over(tx, source, saved, self.catalogue.alerting, now)
            tx.outbox.delete_pending(gone.id)
            return saved

    def split(
        self,
        wanted: str,
        components: Sequence[str],
        *,
        title: Text,
        text: Text,
        revision: int | None = None,
    ) -> Incident:
        """Take components that fail out of an incident into one of their own, which is returned.
        The two are linked, and what stays is called by what it has left, unless a person has named
        it."""
        now = self.clock.now()
        with self.journal.transaction() as tx:
            source = self.open_one(tx, wanted, revision)
            chosen = _chosen(source, components)
            wanted_id = free_id(tx, source.id, now)
            left, apart = split(source, chosen, wanted_id, public_text(title, "title"), now)
            stays = self.written(self._named(left), text, None, now)
            self.save(tx, source, stays, "incident.split")
            opened = self.written(apart, text, None, now)
            saved = self.save(tx, None, opened, "incident.opened")
            carry_over(tx, source, saved, self.catalogue.alerting, now)
            return saved

    def link(self, wanted: str, other: str, *, revision: int | None = None) -> Incident:
        """Show each of two as related to the other."""
        with self.journal.transaction() as tx:
            one, second = self._two(tx, wanted, other, revision)
            if second.id in one.related:
                raise Refused("incident.linked", id=one.id, other=second.id)
            return self._save_both(tx, (one, second), linked(one, second), "incident.linked")

    def unlink(self, wanted: str, other: str, *, revision: int | None = None) -> Incident:
        """Take a link back."""
        with self.journal.transaction() as tx:
            one, second = self._two(tx, wanted, other, revision)
            if second.id not in one.related:
                raise NotFound("incident.not_linked", id=one.id, other=second.id)
            return self._save_both(tx, (one, second), unlinked(one, second), "incident.unlinked")

    def _named(self, left: Incident) -> Incident:
        if not has_public_part(left, self.catalogue):
            return left
        return replace(left, machine_title=machine_title(left, self.catalogue, self.failures))

    def _two(
        self, tx: JournalTransaction, wanted: str, other: str, revision: int | None
    ) -> tuple[Incident, Incident]:
        one = self.get(tx, wanted)
        self.guard(one, revision)
        second = self._other(tx, one, other)
        self.guard(second, None)
        return one, second

    def _other(self, tx: JournalTransaction, one: Incident, wanted: str) -> Incident:
        other = self.get(tx, wanted)
        if other.id == one.id:
            raise Refused("incident.itself", id=one.id)
        return other

    def _save_both(
        self,
        tx: JournalTransaction,
        before: tuple[Incident, Incident],
        after: tuple[Incident, Incident],
        kind: str,
    ) -> Incident:
        saved = [self.save(tx, was, now, kind) for was, now in zip(before, after, strict=True)]
        return saved[0]


def _chosen(source: Incident, wanted: Sequence[str]) -> Collection[ComponentId]:
    """The components to take out: each of them fails in it now, and others stay. Raises Refused."""
    failing: tuple[Piece, ...] = (*source.open_parts, *source.failing_statements)
    open_ones = {piece.component for piece in failing}
    for name in wanted:
        if ComponentId(name) not in open_ones:
            raise no_such("failing component", name, sorted(open_ones))
    chosen = frozenset(ComponentId(name) for name in wanted)
    if not chosen:
        raise Refused("incident.split_nothing")
    if chosen >= set(source.concerned):
        raise Refused("incident.split_whole", id=source.id)
    return chosen
