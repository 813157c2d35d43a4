"""Every kind of probe; a new kind is a file or folder and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from monitor.domain.checks.observation import FailureClass
from monitor.registry import Registry
from probes._failures import SHARED
from probes._kind import ProbeKind, by_id

_OURS: Mapping[str, str] = {
    "http": "probes.http:KIND",
    "tcp": "probes.tcp:KIND",
    "tls": "probes.tls:KIND",
    "dns": "probes.dns.probe:KIND",
    "smtp": "probes.mail.smtp:KIND",
    "imap": "probes.mail.imap:KIND",
    "pop3": "probes.mail.pop3:KIND",
    "icecast": "probes.icecast.probe:KIND",
    "hls": "probes.hls.probe:KIND",
    "rtmp": "probes.rtmp.probe:KIND",
}
PROBES: Registry[ProbeKind] = Registry("probe kind", ProbeKind, _OURS, "estado.probes")
"""In the order in which help and documentation show them."""


def all_failures() -> Mapping[str, FailureClass]:
    """Every failure class that some kind declares, by id. A plugin's different declaration of an
    existing class is ignored: one id means one thing everywhere."""
    kinds = PROBES.usable()
    ours = (failure for name in _OURS for failure in kinds[name].failures)
    found = dict(by_id((*SHARED, *ours)))
    for kind in kinds.values():
        for failure in kind.failures:
            found.setdefault(failure.id, failure)
    return MappingProxyType(found)
