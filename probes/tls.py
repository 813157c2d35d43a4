"""`tls`: the port has a certificate that a visitor would trust, with enough days left."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from monitor.domain.checks.observation import Observation
from monitor.domain.checks.probe import Context
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from probes._failures import SHARED
from probes._kind import ProbeKind, TlsSettings, by_id, host_and_port
from probes._observe import check_expiry, observe

_FAILURES = by_id(SHARED)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSpec(TlsSettings):
    """A port that speaks TLS from the first byte."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    host: str = required("name or address")
    port: int = required("1 to 65535")
    cert_warn_days: float = setting("degraded when the certificate expires sooner than this", 14.0)

    def __post_init__(self) -> None:
        if not 0 < self.port < 65536:
            raise ValueError(f"port must be 1 to 65535, got {self.port}")


@dataclass(frozen=True, slots=True)
class TlsProbe:
    """A handshake with chain and name verified."""

    transport: Transport

    def start(self, spec: TlsSpec, context: Context) -> Awaitable[Observation]:
        session = self.transport.run(context)
        return observe(session, _FAILURES, self._run(session, spec))

    async def _run(self, session: Session, spec: TlsSpec) -> None:
        connection = await self.transport.connect(session, spec.host, spec.port, family=spec.family)
        try:
            await self.transport.start_tls(connection, spec.tls_options())
            check_expiry(self.transport, spec, session)
        finally:
            connection.close()


def _from_target(target: str) -> Mapping[str, Any]:
    host, port = host_and_port(target.removeprefix("tls://").rstrip("/"), 443)
    return {"host": host, "port": port}


KIND = ProbeKind(
    name="tls",
    spec=TlsSpec,
    from_target=_from_target,
    build=TlsProbe,
    failures=tuple(_FAILURES.values()),
    phases=("resolve", "connect", "tls"),
    summary="a certificate that a visitor would trust, with its days left",
    example="estado probe tls tls://panel.example:443 --set cert_warn_days=21",
)
