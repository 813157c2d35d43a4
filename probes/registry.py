"""Every kind of probe there is: the table, and what other distributions add to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

import probes.dns
import probes.hls
import probes.http
import probes.icecast
import probes.imap
import probes.pop3
import probes.rtmp
import probes.smtp
import probes.tcp
import probes.tls
from monitor.domain.failure import FailureClass
from probes._failures import SHARED
from probes._kind import ProbeKind, by_id

ENTRY_POINTS = "estado.probes"
"""The group under which another distribution names its `ProbeKind` values."""

_OURS: Mapping[str, ProbeKind] = {
    "http": probes.http.KIND,
    "tcp": probes.tcp.KIND,
    "tls": probes.tls.KIND,
    "dns": probes.dns.KIND,
    "smtp": probes.smtp.KIND,
    "imap": probes.imap.KIND,
    "pop3": probes.pop3.KIND,
    "icecast": probes.icecast.KIND,
    "hls": probes.hls.KIND,
    "rtmp": probes.rtmp.KIND,
}


def with_plugins(
    ours: Mapping[str, ProbeKind], found: Iterable[EntryPoint]
) -> Mapping[str, ProbeKind]:
    """The table with what plugins bring. Raises ValueError for a name that is taken or a value
    that is no kind."""
    kinds = dict(ours)
    for entry in found:
        kind = entry.load()
        if not isinstance(kind, ProbeKind) or kind.name != entry.name:
            raise ValueError(f"{entry.value} is no ProbeKind named {entry.name!r}")
        if kind.name in kinds:
            raise ValueError(f"{entry.value}: there is a kind {kind.name!r} already")
        kinds[kind.name] = kind
    return MappingProxyType(kinds)


PROBES: Mapping[str, ProbeKind] = with_plugins(_OURS, entry_points(group=ENTRY_POINTS))
"""Kind by name, in the order in which help and documentation show them."""


def all_failures() -> Mapping[str, FailureClass]:
    """Every failure class that some kind declares, by id; one id means one thing everywhere."""
    declared = (failure for kind in PROBES.values() for failure in kind.failures)
    return MappingProxyType(by_id((*SHARED, *declared)))
