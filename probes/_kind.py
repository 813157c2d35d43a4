"""What a probe kind is: the one value that a registry line names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from monitor.domain.failure import FailureClass
from monitor.net.transport import Transport
from monitor.ports.probe import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeKind:
    """A kind of probe.

    `spec` is a frozen dataclass whose fields carry the settings (`timeout` belongs to the check,
    not to it). `from_target` turns a TARGET (`https://...`, `host:port`) into fields of the
    specification and raises ValueError with what is wanted and what was got. `phases` are in
    their order. `summary` is one line for `--help`.
    """

    name: str
    spec: type[Any]
    from_target: Callable[[str], Mapping[str, Any]]
    build: Callable[[Transport], Probe[Any]]
    failures: tuple[FailureClass, ...]
    phases: tuple[str, ...]
    summary: str
    example: str
