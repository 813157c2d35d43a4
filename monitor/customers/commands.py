"""What customers say that fails, as operators read and close it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.customers.ports import CustomersJournal
from monitor.customers.problems import close_problem
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor
from monitor.domain.customers.problems import Problem, ProblemRef, Turn, turn_of
from monitor.domain.refusals import NotFound, require_scope
from monitor.domain.time.clock import Clock
from monitor.incidents.service_bounds import ServiceBounds

MOST = 200
LONGEST_NOTE = 500
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCommands:
    """Raises Refused where the actor may not, and JournalError where the database fails. For an
    actor that is bounded to services there is what was said of their components alone: not what
    names none."""

    journal: CustomersJournal
    catalogue: Catalogue
    clock: Clock
    actor: Actor

    def listed(self, *, with_closed: bool = False) -> Sequence[Problem]:
        """Of the newest `MOST` those that the actor may see, newest first."""
        require_scope(self.actor, Scope.PROBLEMS_READ)
        with self.journal.transaction() as tx:
            found = tx.problems.listed(MOST, with_closed=with_closed)
        return [one for one in found if self._sees(one)]

    def show(self, wanted: str) -> Problem:
        """By the reference that the customer has, however it is written. Raises NotFound."""
        require_scope(self.actor, Scope.PROBLEMS_READ)
        ref = _ref(wanted)
        with self.journal.transaction() as tx:
            return self._seen(tx.problems.get(ref), ref)

    def close(self, wanted: str, note: str) -> Problem:
        """It is answered, or nothing is left to do. Raises NotFound, Refused."""
        require_scope(self.actor, Scope.PROBLEMS_WRITE)
        ref = _ref(wanted)
        with self.journal.transaction() as tx:
            self._seen(tx.problems.get(ref), ref)
            return close_problem(tx, ref, note[:LONGEST_NOTE], self.actor, self.clock.now())

    def turn(self, of: Problem) -> Turn | None:
        """Who is to answer now; None where it is closed."""
        return turn_of(of, self.catalogue.support, self.clock.now())

    def _seen(self, found: Problem | None, ref: ProblemRef) -> Problem:
        if found is None or not self._sees(found):
            raise NotFound("problem.unknown", ref=ref)
        return found

    def _sees(self, found: Problem) -> bool:
        bounds, component = ServiceBounds.of(self.actor, self.catalogue), found.said.component
        return bounds.are_none or (component is not None and bounds.has(component))


def _ref(written: str) -> ProblemRef:
    return ProblemRef(written.upper())
