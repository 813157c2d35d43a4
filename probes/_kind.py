"""What a probe kind is: the value that a registry line names, and what kinds share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.domain.checks.observation import FailureClass
from monitor.domain.checks.probe import Probe
from monitor.domain.checks.symptoms import ServiceKind
from monitor.net.family import Family
from monitor.net.tls.contexts import TlsOptions
from monitor.net.transport import Transport
from monitor.registry import setting


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeKind:
    """A kind of probe.

    `spec` is a frozen dataclass whose fields are the settings, each with its `description` in the
    field's metadata (see `setting`). `timeout` is not among them: it belongs to the check.
    `from_target` turns a TARGET (`https://...`, `host:port`) into fields of the specification and
    raises ValueError with what is wanted and what was got. `failures` are all classes that its
    observations may have, the shared ones included. `phases` are in their order. `summary` is one
    line for `--help`.
    """

    name: str
    spec: type[Any]
    from_target: Callable[[str], Mapping[str, Any]]
    build: Callable[[Transport], Probe[Any]]
    failures: tuple[FailureClass, ...]
    phases: tuple[str, ...]
    summary: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetSettings:
    """The settings of every specification: the base class."""

    family: Family = field(
        default=Family.ANY,
        metadata={"description": "4, 6, or any: the resolver's order, each address tried"},
    )

    @property
    def service_kind(self) -> ServiceKind:
        """As what a customer knows it; a kind of probe that tells more overrides this."""
        return ServiceKind.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings(NetSettings):
    """The settings of every specification that uses TLS."""

    ca_file: str | None = setting("PEM file of the roots to trust instead of the system's", None)
    server_name: str | None = setting("name for SNI and verification; default: the host", None)
    verify: bool = setting("verify chain and name of the certificate", True)
    cert_warn_days: float = setting("degraded when the certificate expires sooner than this", 0.0)

    def tls_options(self, alpn: tuple[str, ...] = ()) -> TlsOptions:
        return TlsOptions(
            ca_file=self.ca_file, verify=self.verify, server_name=self.server_name, alpn=alpn
        )


def by_id(failures: Iterable[FailureClass]) -> Mapping[str, FailureClass]:
    """Failure classes by id; raises ValueError where two different classes have one id."""
    found: dict[str, FailureClass] = {}
    for declared in failures:
        if found.setdefault(declared.id, declared) != declared:
            raise ValueError(f"the failure class {declared.id} is declared twice")
    return found


def host_and_port(target: str, default_port: int | None = None) -> tuple[str, int]:
    """`host:port`, `[v6]:port`, or a bare host where a default port is given.

    >>> host_and_port("[::1]:25"), host_and_port("mail.example", 25)
    (('::1', 25), ('mail.example', 25))
    """
    if target.startswith("["):
        host, closing, rest = target[1:].partition("]")
        port = rest.removeprefix(":") if closing else "?"
    elif target.count(":") > 1:
        raise ValueError(f"want an IPv6 address in brackets, [::1]:port; got {target!r}")
    else:
        host, _, port = target.partition(":")
    if not port and default_port is not None:
        port = str(default_port)
    is_port = port.isascii() and port.isdigit() and 0 < int(port) < 65536
    if not host or not is_port or any(c.isspace() or c in "/?#@" for c in host):
        raise ValueError(f"want host:port, got {target!r}")
    return host, int(port)
