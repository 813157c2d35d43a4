"""Why a check run failed before its answer: one exception, and the one map from system errors.

The ids are those that any kind of probe may report; `probes._failures` gives each its texts.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from types import MappingProxyType

from monitor.domain.checks.observation import FailureId, Json

CONN_REFUSED = FailureId("conn_refused")
CONN_RESET = FailureId("conn_reset")
NET_UNREACHABLE = FailureId("net_unreachable")
DNS_NXDOMAIN = FailureId("dns_nxdomain")
DNS_FAIL = FailureId("dns_fail")
DNS_TIMEOUT = FailureId("dns_timeout")
CONNECT_TIMEOUT = FailureId("connect_timeout")
TLS_TIMEOUT = FailureId("tls_timeout")
TLS_HANDSHAKE = FailureId("tls_handshake")
CERT_EXPIRED = FailureId("cert_expired")
CERT_NOT_YET_VALID = FailureId("cert_not_yet_valid")
CERT_INVALID = FailureId("cert_invalid")
SELF_SIGNED = FailureId("self_signed")
INCOMPLETE_CHAIN = FailureId("incomplete_chain")
HOSTNAME_MISMATCH = FailureId("hostname_mismatch")
GREETING_TIMEOUT = FailureId("greeting_timeout")
READ_TIMEOUT = FailureId("read_timeout")
TOTAL_TIMEOUT = FailureId("total_timeout")
PROTOCOL_ERROR = FailureId("protocol_error")
TOO_LARGE = FailureId("too_large")
ADDRESS_REFUSED = FailureId("address_refused")
LEADS_NOWHERE = FailureId("leads_nowhere")
PROBE_ERROR = FailureId("probe_error")


class ProbeFailure(Exception):
    """The check run ends with this class. `message` is for operators and free of secrets."""

    def __init__(self, failure: FailureId, message: str, **evidence: Json) -> None:
        super().__init__(message)
        self.failure = failure
        self.message = message
        self.evidence: Mapping[str, Json] = evidence


class TooSlow(Exception):
    """One attempt of several has used up its share of the time; the next one follows."""


_BY_ERRNO: Mapping[int, FailureId] = MappingProxyType(
    {
        errno.ECONNREFUSED: CONN_REFUSED,
        errno.ECONNRESET: CONN_RESET,
        errno.ECONNABORTED: CONN_RESET,
        errno.EPIPE: CONN_RESET,
        errno.ENOTCONN: CONN_RESET,
        errno.ENETUNREACH: NET_UNREACHABLE,
        errno.EHOSTUNREACH: NET_UNREACHABLE,
        errno.ENETDOWN: NET_UNREACHABLE,
        errno.EHOSTDOWN: NET_UNREACHABLE,
        # This machine has no address of that family: nothing of the family can be reached.
        errno.EADDRNOTAVAIL: NET_UNREACHABLE,
        errno.EAFNOSUPPORT: NET_UNREACHABLE,
        # The kernel gave up before the deadline: nobody acknowledged.
        errno.ETIMEDOUT: CONNECT_TIMEOUT,
    }
)

_BY_PHASE: Mapping[str, tuple[FailureId, str]] = MappingProxyType(
    {
        "resolve": (DNS_TIMEOUT, "no answer from a name server in time"),
        "connect": (CONNECT_TIMEOUT, "no connection in time"),
        "tls": (TLS_TIMEOUT, "the TLS handshake did not end in time"),
        "greeting": (GREETING_TIMEOUT, "no greeting in time"),
    }
)


def of_os_error(error: OSError, doing: str) -> ProbeFailure:
    """The probe failure for a failed system call. What is wrong on our side (no descriptors, a
    local firewall) is `probe_error`: it says nothing about the target."""
    failure = _BY_ERRNO.get(error.errno or 0, PROBE_ERROR)
    return ProbeFailure(failure, f"{doing}: {error.strerror or error}")


def of_deadline(phase: str, *, flowing: bool) -> ProbeFailure:
    """The probe failure for a deadline in a phase; `flowing`: bytes were still coming."""
    if phase in _BY_PHASE:
        return ProbeFailure(*_BY_PHASE[phase])
    where = phase or "at the start"
    if flowing:
        return ProbeFailure(TOTAL_TIMEOUT, f"time ran out ({where}) while bytes still came")
    return ProbeFailure(READ_TIMEOUT, f"no answer in time ({where})")
