"""What customers have said on the page, in a journal."""

from __future__ import annotations

from monitor.customers.ports import CustomersJournal
from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.problems import Problem, ProblemKind, ProblemRef, Said
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.time.interval import Second

WORDS = "No abre <b>mi</b> sitio\n\x1b[2JDesde ayer"


def report(
    journal: CustomersJournal,
    ref: str,
    at: Second,
    *,
    component: str | None = "web",
    level: str = "sla-1",
    answer_by: Second | None = None,
    incident: str | None = None,
) -> ProblemRef:
    said = Said(
        ref=ProblemRef(ref), kind=ProblemKind.FAILS, at=at, text=WORDS, locale="es", sender="n",
        component=None if component is None else ComponentId(component),
    )  # fmt: skip
    found = Problem(
        said=said, level=level, answer_by=answer_by, seen="web-check: up", looked_at=at,
        incident=None if incident is None else IncidentId(incident),
    )  # fmt: skip
    with journal.transaction() as tx:
        tx.problems.save(found)
    return said.ref
