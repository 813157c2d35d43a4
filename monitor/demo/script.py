"""The scripted past: who failed when, as outages; every other check run succeeded."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.checks.observation import CheckId, FailureId, Observation, Outcome

_DAY = 86_400
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedOutage:
    """A span of failed or slow check runs, in seconds before the present."""

    check: CheckId
    ago: int
    lasts: int
    outcome: Outcome
    failure: FailureId
    message: str


def _outage(
    check: str, days: float, minutes: int, failure: str, message: str, *, slow: bool = False
) -> ScriptedOutage:
    return ScriptedOutage(
        check=CheckId(check),
        ago=int(days * _DAY),
        lasts=minutes * _MINUTE,
        outcome=Outcome.DEGRADED if slow else Outcome.DOWN,
        failure=FailureId(failure),
        message=message,
    )


OUTAGES: tuple[ScriptedOutage, ...] = (
    _outage("panel-https", 17.3, 8, "status_mismatch", "503, wanted 200-399"),
    _outage("envio-smtp", 13.6, 39, "conn_refused", "connection refused"),
    _outage("recepcion-imap", 13.6, 36, "conn_refused", "connection refused"),
    _outage("radio-1-mp3", 9.1, 11, "stalled", "no bytes after the burst"),
    _outage("panel-https", 6.4, 95, "too_slow", "2 400 ms, limit 2 000 ms", slow=True),
    _outage("ns1-a", 3.2, 4, "dns_timeout", "no answer"),
)
MONITOR_WAS_OFF = (11.0, 150)
"""Days ago, and for how many minutes: a gap, which is no outage."""


def scripted_observation(check: CheckId, ago: float) -> Observation | None:
    """What a check run saw so many seconds before the present; None where none took place."""
    days, minutes = MONITOR_WAS_OFF
    if days * _DAY - minutes * _MINUTE < ago <= days * _DAY:
        return None
    for outage in OUTAGES:
        if outage.check == check and outage.ago - outage.lasts < ago <= outage.ago:
            return Observation(
                outcome=outage.outcome, failure=outage.failure, message=outage.message
            )
    return Observation(outcome=Outcome.UP)
