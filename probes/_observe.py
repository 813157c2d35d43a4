"""From a conversation to an observation: what every probe's `start` ends in."""

from __future__ import annotations

from collections.abc import Awaitable, Coroutine, Mapping
from typing import Any

from monitor.domain.checks.connectivity import RESOLVER
from monitor.domain.checks.observation import FailureClass, FailureId, Json, Observation, Outcome
from monitor.net.errors import ProbeFailure
from monitor.net.session import Session
from monitor.net.transport import Transport
from probes._kind import TlsSettings

CERT_EXPIRING = FailureId("cert_expiring")
EXPIRED_UNVERIFIED = FailureId("cert_expired_unverified")


def observe(
    run: Session, failures: Mapping[str, FailureClass], conversation: Coroutine[Any, None, None]
) -> Awaitable[Observation]:
    """`up` where the conversation returns; the class's own outcome where it raises a Fault.

    It begins at once, and awaits nothing but what its run gives: no task is made for it. A Fault
    of a class that the kind does not declare is a bug and raises KeyError.
    """
    return run.drive(_observed(run, failures, conversation))


def check_expiry(transport: Transport, settings: TlsSettings, run: Session) -> None:
    """Raises the Fault `cert_expiring` where the settings' warning is due of any certificate that
    the look relied on: each hop's, each host's, and what stands between it and the root. Call it
    last: a certificate that ends soon is the least of what may be wrong."""
    if settings.cert_warn_days <= 0 or not run.relied_on:
        return
    soonest = min(run.relied_on, key=lambda relied: relied.certificate.not_after)
    left = transport.days_left(soonest.certificate)
    if left >= settings.cert_warn_days:
        return
    facts: Json = {
        "host": soonest.host,
        "subject": soonest.certificate.subject,
        "not_after": soonest.certificate.not_after.isoformat(),
    }
    if left < 0:
        raise ProbeFailure(
            EXPIRED_UNVERIFIED, f"{soonest} expired {_days(-left)} ago", expiring=facts
        )
    raise ProbeFailure(CERT_EXPIRING, f"{soonest} expires in {_days(left)}", expiring=facts)


def _days(days: float) -> str:
    """
    >>> _days(2.04), _days(1.0), _days(0.5)
    ('2 days', '1 day', '12 hours')
    """
    number, unit = (days, "day") if days >= 1 else (days * 24, "hour")
    shown = f"{number:.1f}".removesuffix(".0")
    return f"{shown} {unit}" if shown == "1" else f"{shown} {unit}s"


async def _observed(
    run: Session, failures: Mapping[str, FailureClass], conversation: Coroutine[Any, None, None]
) -> Observation:
    with run:
        try:
            await conversation
        except ProbeFailure as fault:
            return _failed(run, failures, fault)
        run.leave()
        return Observation(
            outcome=Outcome.UP,
            phases_ms=run.phases_ms,
            evidence=run.masked_evidence(run.evidence),
            memory=run.memory,
        )


def _failed(run: Session, failures: Mapping[str, FailureClass], fault: ProbeFailure) -> Observation:
    failure = failures[fault.failure]
    run.leave()
    return Observation(
        outcome=failure.outcome,
        failure=failure.id,
        message=run.masked(fault.message),
        phases_ms=run.phases_ms,
        evidence=run.masked_evidence(
            # Where a name was not found, the evidence says who was asked.
            {**({} if RESOLVER in run.evidence else run.resolved), **run.evidence, **fault.evidence}
        ),
        memory=run.memory,
        is_timing=_is_timing(failures, fault),
    )


def _is_timing(failures: Mapping[str, FailureClass], fault: BaseException | None) -> bool:
    """Whether the fault, or one that it was told from, hangs on time: what a server is taken to say
    by hanging up (an application that RTMP does not know, say) is no more than that."""
    while isinstance(fault, ProbeFailure):
        if fault.failure in failures and failures[fault.failure].is_timing:
            return True
        fault = fault.__cause__
    return False
