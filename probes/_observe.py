"""From a conversation to an observation: what every probe's `start` ends in."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from monitor.domain.failure import FailureClass
from monitor.domain.observation import FailureId, Observation, Outcome
from monitor.net.certificate import Certificate
from monitor.net.faults import Fault
from monitor.net.run import Run
from monitor.net.transport import Transport
from probes._kind import TlsSettings

CERT_EXPIRING = FailureId("cert_expiring")


async def observe(
    run: Run, failures: Mapping[str, FailureClass], conversation: Awaitable[None]
) -> Observation:
    """`up` where the conversation returns; the class's own outcome where it raises a Fault.

    A Fault of a class that the kind does not declare is a bug and raises KeyError.
    """
    with run:
        try:
            await conversation
        except Fault as fault:
            return _failed(run, failures[fault.failure], fault)
        run.leave()
        return Observation(
            outcome=Outcome.UP,
            phases_ms=_rounded(run),
            evidence=run.masked_evidence(run.evidence),
            memory=run.memory,
        )


def check_expiry(
    transport: Transport, settings: TlsSettings, certificate: Certificate | None
) -> None:
    """Raises the Fault `cert_expiring` where the settings' warning is due. Call it last: a
    certificate that ends soon is the least of what may be wrong."""
    if certificate is None or settings.cert_warn_days <= 0:
        return
    left = transport.days_left(certificate)
    if left < settings.cert_warn_days:
        raise Fault(CERT_EXPIRING, f"the certificate expires in {left:.1f} days")


def _failed(run: Run, failure: FailureClass, fault: Fault) -> Observation:
    run.leave()
    return Observation(
        outcome=failure.outcome,
        failure=failure.id,
        message=run.masked(fault.message),
        phases_ms=_rounded(run),
        evidence=run.masked_evidence({**run.evidence, **fault.evidence}),
        memory=run.memory,
    )


def _rounded(run: Run) -> Mapping[str, float]:
    return {phase: round(spent, 3) for phase, spent in run.phases_ms.items()}
