"""An id that no incident has."""

from __future__ import annotations

from monitor.domain.checks.observation import ComponentId
from monitor.domain.incidents.incident import IncidentId, incident_id
from monitor.domain.refusals import NotFound
from monitor.domain.time.interval import Second
from monitor.journal.ports import JournalTransaction


def free_id(tx: JournalTransaction, about: str, at: Second) -> IncidentId:
    """For what a person opens at that second: `about` only spreads the ids."""
    seed = ComponentId(f"person|{about}")
    for salt in range(100):
        wanted = incident_id(seed, at, salt)
        try:
            tx.incidents.get(wanted)
        except NotFound:
            return wanted
    raise RuntimeError(f"no free id for an incident at {at}")
