"""What a check run reports about a peer's certificate, read once per certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

_LONGEST_CACHED = 8192
"""Most bytes of a certificate to cache between runs: a target may show a new one each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A leaf certificate's facts; times are aware UTC."""

    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]
    serial: str
    sha256: str

    def days_left(self, now: float) -> float:
        """Days until it expires, negative afterwards; `now` is the wall clock in seconds."""
        return (self.not_after.timestamp() - now) / 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliedCertificate:
    """A certificate that a handshake relied on: the host's, or one between it and the root."""

    host: str
    certificate: Certificate
    is_own: bool

    def __str__(self) -> str:
        if self.is_own:
            return f"the certificate of {self.host}"
        return f"{self.certificate.subject} in the chain of {self.host}"


def read_certificate(der: bytes) -> Certificate:
    """Parse DER. Raises ValueError where it is no certificate."""
    return _cached(der) if len(der) <= _LONGEST_CACHED else _parsed(der)


@lru_cache(maxsize=4096)
def _cached(der: bytes) -> Certificate:
    return _parsed(der)


def _parsed(der: bytes) -> Certificate:
    # Loaded with the first TLS target: a prober of plain targets does not need it.
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    parsed = x509.load_der_x509_certificate(der)
    try:
        alternatives = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        names = tuple(str(name.value) for name in alternatives.value)
    except (
        x509.ExtensionNotFound,
        x509.DuplicateExtension,
        x509.UnsupportedGeneralNameType,
        ValueError,
    ):
        # The handshake has judged the certificate. Here any one odd extension makes the parser
        # refuse all of them.
        names = ()
    return Certificate(
        subject=parsed.subject.rfc4514_string(),
        issuer=parsed.issuer.rfc4514_string(),
        not_before=parsed.not_valid_before_utc,
        not_after=parsed.not_valid_after_utc,
        names=names,
        serial=f"{parsed.serial_number:x}",
        sha256=parsed.fingerprint(SHA256()).hex(),
    )
