"""A refusal as a line for somebody who types commands: why, and what to type instead."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.client.faults import RefusedThere
from monitor.domain.refusals import Refused
from monitor.i18n.refusals import sentence

_INSTEAD: Mapping[str, str] = {
    "incident.still_down": "; resolve it all the same with --force",
    "incident.resolved": "; correct what it says with edit, or say why with postmortem",
    "incident.explained": " (estado incident edit)",
    "incident.recovered": " (estado incident open, estado incident link)",
    "incident.long_over": " (estado incident open, estado incident link)",
    "incident.split_nothing": ": --component ID",
    "incident.end_without_resolution": " (--phase resolved)",
    "incident.unknown": ": estado incident list shows them",
    "credit.unknown": ": estado credits list shows them",
    "maintenance.no_components": ": --component ID",
    "maintenance.outside_hours": "; say why it has to be: --reason",
    "maintenance.short_notice": "; say why it has to be: --reason",
    "maintenance.has_passed": " (--start now)",
    "maintenance.unknown": ": estado maintenance list shows their ids",
    "account.exists": "; give it other roles with estado user change",
    "account.last_admin": ": estado user add NAME --role admin",
    "password.short": " (--generate makes one)",
    "password.has_name": " (--generate makes one)",
    "password.repeats": " (--generate makes one)",
    "session.in_person": " (estado login, without ESTADO_TOKEN)",
    "token.beyond_owner": "; --all-scopes gives what the owner may",
}


def typed_refusal(refused: Refused) -> str:
    """
    >>> typed_refusal(Refused("incident.still_down", names="radio2"))
    'still down or slow: radio2; resolve it all the same with --force'
    """
    if isinstance(refused, RefusedThere):
        return refused.detail
    return sentence(refused) + _INSTEAD.get(refused.code, "")
