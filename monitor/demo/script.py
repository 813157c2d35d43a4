"""The scripted past: who fell when, told as outages; every other look went well."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.checks.observation import CheckId, FailureId, Observation, Outcome

_DAY = 86_400
_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptedOutage:
    """A stretch of bad looks, in seconds before the present."""

    check: CheckId
    ago: int
    lasts: int
    outcome: Outcome
    failure: FailureId
    message: str


def _reconciler(
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


SCENES: tuple[ScriptedOutage, ...] = (
    _reconciler("panel-https", 17.3, 8, "status_mismatch", "503, wanted 200-399"),
    _reconciler("envio-smtp", 13.6, 39, "conn_refused", "connection refused"),
    _reconciler("recepcion-imap", 13.6, 36, "conn_refused", "connection refused"),
    _reconciler("radio-1-mp3", 9.1, 11, "stalled", "no bytes after the burst"),
    _reconciler("panel-https", 6.4, 95, "too_slow", "2 400 ms, limit 2 000 ms", slow=True),
    _reconciler("ns1-a", 3.2, 4, "dns_timeout", "no answer"),
)
MONITOR_WAS_OFF = (11.0, 150)
"""Days ago, and for how many minutes: a gap, which is nobody's outage."""


def seen(check: CheckId, ago: float) -> Observation | None:
    """What a look saw so many seconds before the present; None where nobody looked."""
    days, minutes = MONITOR_WAS_OFF
    if days * _DAY - minutes * _MINUTE < ago <= days * _DAY:
        return None
    for reconciler in SCENES:
        if reconciler.check == check and reconciler.ago - reconciler.lasts < ago <= reconciler.ago:
            return Observation(
                outcome=reconciler.outcome, failure=reconciler.failure, message=reconciler.message
            )
    return Observation(outcome=Outcome.UP)
