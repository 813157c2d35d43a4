"""TLS contexts, shared; and the failure class of a handshake, by OpenSSL's verify code."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from monitor.domain.checks.observation import FailureId
from monitor.net.errors import (
    CERT_EXPIRED,
    CERT_INVALID,
    CERT_NOT_YET_VALID,
    CONN_RESET,
    HOSTNAME_MISMATCH,
    INCOMPLETE_CHAIN,
    PROBE_ERROR,
    SELF_SIGNED,
    TLS_HANDSHAKE,
    ProbeFailure,
)

BY_VERIFY_CODE: Mapping[int, FailureId] = MappingProxyType(
    {
        2: INCOMPLETE_CHAIN,
        9: CERT_NOT_YET_VALID,
        10: CERT_EXPIRED,
        18: SELF_SIGNED,
        # The chain that was sent ends in a self-signed root that this machine does not trust.
        19: SELF_SIGNED,
        20: INCOMPLETE_CHAIN,
        21: INCOMPLETE_CHAIN,
        62: HOSTNAME_MISMATCH,
        64: HOSTNAME_MISMATCH,
    }
)
"""X509_V_ERR_*; 62 is a name that does not match, 64 an address. The rest: `cert_invalid`. Each
concerns a certificate: version and cipher were agreed upon by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsOptions:
    """How to speak TLS. `ca_file` replaces the system's roots. `server_name` (for SNI and
    verification) defaults to the host dialled."""

    ca_file: str | None = None
    verify: bool = True
    server_name: str | None = None
    alpn: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Key:
    ca_file: str | None
    edition: tuple[int, int]
    verify: bool
    alpn: tuple[str, ...]


class TlsContexts:
    """One context per set of options: a new default context costs some 60 ms of CPU.

    Nothing is resumed: a shared context stores no TLS session, so each check run makes a full
    handshake, verified anew.
    """

    __slots__ = ("_made",)

    def __init__(self) -> None:
        self._made: dict[_Key, ssl.SSLContext] = {}

    def get(self, options: TlsOptions) -> ssl.SSLContext:
        """The context for these options; a file of roots is read again when it has changed.

        Raises ProbeFailure `probe_error` where the file cannot be used.
        """
        key = _Key(
            ca_file=options.ca_file,
            edition=_edition(options.ca_file),
            verify=options.verify,
            alpn=options.alpn,
        )
        if key not in self._made:
            self._forget(options.ca_file, key)
            self._made[key] = _make(options)
        return self._made[key]

    def _forget(self, ca_file: str | None, new: _Key) -> None:
        """Drop the contexts made from a former edition of the same file."""
        stale = [k for k in self._made if k.ca_file == ca_file and k.edition != new.edition]
        for key in stale:
            del self._made[key]


def of_ssl_error(error: ssl.SSLError) -> ProbeFailure:
    """The probe failure for a failed handshake or a broken TLS stream."""
    if isinstance(error, ssl.SSLCertVerificationError):
        failure = BY_VERIFY_CODE.get(error.verify_code, CERT_INVALID)
        return ProbeFailure(
            failure,
            f"certificate refused: {error.verify_message}",
            verify_code=error.verify_code,
        )
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return ProbeFailure(CONN_RESET, "the connection closed during TLS")
    reason = error.reason or str(error)
    return ProbeFailure(TLS_HANDSHAKE, f"TLS failed: {reason.replace('_', ' ').lower()}")


def _edition(ca_file: str | None) -> tuple[int, int]:
    if ca_file is None:
        return (0, 0)
    try:
        found = Path(ca_file).stat()
    except OSError as error:
        raise ProbeFailure(PROBE_ERROR, f"ca_file {ca_file}: {error.strerror}") from error
    return (found.st_mtime_ns, found.st_size)


def _make(options: TlsOptions) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.ca_file)
    except OSError as error:
        raise ProbeFailure(PROBE_ERROR, f"ca_file {options.ca_file}: {error}") from error
    # A monitor must speak with any server: old versions are a finding of the tls kind, and
    # browsers are not strict about a root's extensions (3.13's default).
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", ssl.VerifyFlags(0))
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.alpn:
        context.set_alpn_protocols(list(options.alpn))
    return context
