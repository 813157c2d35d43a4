"""What a refusal says, in English, by its code: for a terminal, and for answers over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from monitor.domain.refusals import Refused

Fields = Mapping[str, Any]


def sentence(refused: Refused) -> str:
    """One sentence, without a full stop; for a code that has none, the refusal's own text."""
    said = SENTENCES.get(refused.code)
    if said is None:
        return str(refused)
    return said(refused.fields) if callable(said) else said.format(**refused.fields)


def _unknown(fields: Fields) -> str:
    if fields["near"]:
        return f"no {fields['kind']} {fields['wanted']}; did you mean {fields['near']}?"
    known = fields["known"]
    listed = f"; there are {', '.join(known)}" if known else "; there is none yet"
    return f"no {fields['kind']} {fields['wanted']}{listed}"


def _short_notice(fields: Fields) -> str:
    wanted, given = _hours(fields["wanted_s"]), _hours(fields["given_s"])
    return f"it has to be announced {wanted} before its start, this is {given}"


def _hours(seconds: int) -> str:
    hours, rest = divmod(max(0, seconds), 3_600)
    return f"{hours} h {rest // 60} min"


SENTENCES: Mapping[str, str | Callable[[Fields], str]] = {
    "name.unknown": _unknown,
    "scope.missing": "this token lacks the scope {scope}",
    "revision.stale": (
        "{kind} {id} has changed: you saw revision {seen}, it is at {current}. "
        "Look at it again, then decide again"
    ),
    "text.empty": "the {what} is empty",
    "text.too_long": "the {what} has {length} characters; at most {most} fit",
    "incident.still_down": "still down or slow: {names}",
    "incident.resolved": "{id} is resolved",
    "incident.unknown": "no incident {id!r}; ids are six letters and digits such as k3f9a2",
    "incident.exists": "incident {id} exists already: look again",
    "incident.changed": "incident {id} has changed since it was read: look again",
    "update.unknown": "{incident} has no update {number}; they count from 1 to {last}",
    "update.unchanged": "update {number} says exactly that already",
    "maintenance.over": "{id} is {phase} already",
    "maintenance.no_components": "say which components it touches",
    "maintenance.outside_hours": (
        "{start} to {end} is not inside the hours allowed for maintenance"
    ),
    "maintenance.short_notice": _short_notice,
    "maintenance.too_many": "a hundred windows begin at that second for these components",
    "maintenance.ends_before_start": "the end has to be after the start",
    "maintenance.too_long": "a window lasts at most {days} days; plan several",
    "maintenance.has_passed": "the start has passed; what is announced lies ahead",
    "maintenance.too_far_ahead": "the start lies more than {days} days ahead",
    "maintenance.unknown": "no maintenance window {id!r}",
    "maintenance.exists": "maintenance window {id} exists already: look again",
    "maintenance.changed": "maintenance window {id} has changed since it was read: look again",
    "message.unknown": (
        "no message {event} to {target} is pending; events look like incident:k3f9a2:opening"
    ),
    "message.delivered": "message {event} to {target} has been delivered or given up already",
    "revision.unknown": "no revision {number} of the configuration; revisions are numbers",
}
