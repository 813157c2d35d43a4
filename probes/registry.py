"""Every kind of probe there is: the table, and what other distributions add to it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from types import MappingProxyType

from monitor.domain.failure import FailureClass
from probes._failures import SHARED
from probes._kind import ProbeKind, by_id

ENTRY_POINTS = "estado.probes"
"""The group under which another distribution names its `ProbeKind` values."""

_OURS: Mapping[str, str] = {
    "http": "probes.http",
    "tcp": "probes.tcp",
    "tls": "probes.tls",
    "dns": "probes.dns.probe",
    "smtp": "probes.mail.smtp",
    "imap": "probes.mail.imap",
    "pop3": "probes.mail.pop3",
    "icecast": "probes.icecast.probe",
    "hls": "probes.hls.probe",
    "rtmp": "probes.rtmp.probe",
}
"""The module whose `KIND` it is. Loaded by the first who asks for it: a look by hand at a port does
not wait for the libraries of name servers and playlists."""


class Kinds(Mapping[str, ProbeKind]):
    """Kind by name, ours before what plugins bring."""

    def __init__(self, modules: Mapping[str, str], plugins: Mapping[str, ProbeKind]) -> None:
        self._modules = modules
        self._plugins = plugins

    def __getitem__(self, name: str) -> ProbeKind:
        if name in self._plugins:
            return self._plugins[name]
        kind: ProbeKind = import_module(self._modules[name]).KIND
        return kind

    def __iter__(self) -> Iterator[str]:
        return chain(self._modules, self._plugins)

    def __len__(self) -> int:
        return len(self._modules) + len(self._plugins)


def plugins(ours: Container[str], found: Iterable[EntryPoint]) -> Mapping[str, ProbeKind]:
    """What plugins bring beside ours. Raises ValueError for a name that is taken or a value that
    is no kind."""
    kinds: dict[str, ProbeKind] = {}
    for entry in found:
        kind = entry.load()
        if not isinstance(kind, ProbeKind) or kind.name != entry.name:
            raise ValueError(f"{entry.value} is no ProbeKind named {entry.name!r}")
        if kind.name in ours or kind.name in kinds:
            raise ValueError(f"{entry.value}: there is a kind {kind.name!r} already")
        kinds[kind.name] = kind
    return MappingProxyType(kinds)


PROBES: Mapping[str, ProbeKind] = Kinds(_OURS, plugins(_OURS, entry_points(group=ENTRY_POINTS)))
"""Kind by name, in the order in which help and documentation show them."""


def all_failures() -> Mapping[str, FailureClass]:
    """Every failure class that some kind declares, by id; one id means one thing everywhere."""
    declared = (failure for kind in PROBES.values() for failure in kind.failures)
    return MappingProxyType(by_id((*SHARED, *declared)))
