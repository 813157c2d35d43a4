"""From a conversation to an observation: every probe's `start` ends with `observe`."""

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
    session: Session, failures: Mapping[str, FailureClass], conversation: Coroutine[Any, None, None]
) -> Awaitable[Observation]:
    """`up` where the conversation returns; its class's outcome where it raises ProbeFailure.

    The conversation begins at once and may await only awaitables of its session: no task is created
    for it. A ProbeFailure of a class that the kind does not declare is a bug and raises KeyError.
    """
    return session.drive(_observed(session, failures, conversation))


def check_expiry(transport: Transport, settings: TlsSettings, session: Session) -> None:
    """Raises ProbeFailure `cert_expiring` where any certificate that the check run relied on
    expires sooner than `cert_warn_days`: those of each hop and each host, and the ones between them
    and the root; `cert_expired_unverified` where it has expired. Call it last: an expiring
    certificate is the mildest fault."""
    if settings.cert_warn_days <= 0 or not session.relied_on:
        return
    soonest = min(session.relied_on, key=lambda relied: relied.certificate.not_after)
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
    session: Session, failures: Mapping[str, FailureClass], conversation: Coroutine[Any, None, None]
) -> Observation:
    with session:
        try:
            await conversation
        except ProbeFailure as fault:
            return _failed(session, failures, fault)
        session.leave()
        return Observation(
            outcome=Outcome.UP,
            phases_ms=session.phases_ms,
            evidence=session.masked_evidence(session.evidence),
            memory=session.memory,
        )


def _failed(
    session: Session, failures: Mapping[str, FailureClass], fault: ProbeFailure
) -> Observation:
    failure = failures[fault.failure]
    session.leave()
    return Observation(
        outcome=failure.outcome,
        failure=failure.id,
        message=session.masked(fault.message),
        phases_ms=session.phases_ms,
        evidence=session.masked_evidence(
            # Where a name was not found, the evidence says which name servers were asked.
            {
                **({} if RESOLVER in session.evidence else session.resolved),
                **session.evidence,
                **fault.evidence,
            }
        ),
        memory=session.memory,
        is_time_dependent=_is_time_dependent(failures, fault),
    )


def _is_time_dependent(failures: Mapping[str, FailureClass], fault: BaseException | None) -> bool:
    """Whether the fault, or one that it was derived from (`__cause__`), depends on time. A fault
    that is inferred from a closed connection (an application that an RTMP server does not know,
    say) is no more certain than that."""
    while isinstance(fault, ProbeFailure):
        if fault.failure in failures and failures[fault.failure].is_timing:
            return True
        fault = fault.__cause__
    return False
