"""When the next update of an incident is due: the machine keeps the promise where nobody does."""

from __future__ import annotations

from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.refusals import Refused
from monitor.domain.time.interval import Second

SHORTEST, LONGEST = 60, 7 * 86_400
_MOST_DOUBLINGS = 3
_WITHOUT = (Phase.MONITORING, Phase.RESOLVED)
"""While it is observed the next one comes when that is over."""


def promised(incident: Incident, now: Second, every: int) -> Second | None:
    """Until when an update that is written now promises the next one. What goes on for long has
    news less often: each update that says no more than that doubles the time, three times at most.
    """
    if incident.phase in _WITHOUT:
        return None
    return Second(now + every * 2 ** min(_MOST_DOUBLINGS, _without_news(incident)))


def promised_by_person(
    incident: Incident, now: Second, every: int, wanted_s: int | None
) -> Second | None:
    """The same where a person may say how long: also while it is observed. Raises Refused."""
    if wanted_s is None:
        return None if incident.phase in _WITHOUT else Second(now + every)
    if not SHORTEST <= wanted_s <= LONGEST:
        raise Refused("update.next_range", minutes=SHORTEST // 60, days=LONGEST // 86_400)
    return Second(now + wanted_s)


def is_due(incident: Incident, now: Second) -> bool:
    """Whether the time has come and nobody has written."""
    at = incident.next_update_at
    return incident.is_unresolved and at is not None and at <= now


def is_looked_after(incident: Incident) -> bool:
    """Whether a person has written in it."""
    return any(update.person is not None for update in incident.updates)


def _without_news(incident: Incident) -> int:
    """How many updates in a row, the last ones, said that there is nothing new."""
    found = 0
    for update in reversed(incident.updates):
        if update.event is not IncidentEvent.DUE:
            break
        found += 1
    return found
