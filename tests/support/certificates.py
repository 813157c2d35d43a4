"""Certificates of every quality, made in milliseconds: a root, an intermediate, and leaves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from monitor.runtime.system_clock import SystemClock

LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A certificate with its key, and what a server would send before the root."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    def chain_pem(self) -> bytes:
        return b"".join(map(_pem, (self.certificate, *self.chain)))

    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Chain and key as files, which a server that drops its rights may still read."""
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_bytes(self.chain_pem())
        key.write_bytes(self.key_pem())
        return chain, key


class Authority:
    """A root with an intermediate that issues the leaves, valid for so many days more."""

    def __init__(self, *, intermediate_days: float = 1000) -> None:
        self.root = _issue("Test Root", None, days=(-10, 3650), is_authority=True)
        self.intermediate = _issue(
            "Test Intermediate", self.root, days=(-10, intermediate_days), is_authority=True
        )

    def ca_pem(self) -> bytes:
        return _pem(self.root.certificate)

    def good(self, names: Iterable[str] = LOCAL_NAMES, *, days: float = 90) -> Issued:
        """A leaf that is valid for so many days more."""
        return self._leaf(names, days=(-1, days))

    def expired(self) -> Issued:
        return self._leaf(LOCAL_NAMES, days=(-30, -1))

    def not_yet_valid(self) -> Issued:
        return self._leaf(LOCAL_NAMES, days=(2, 90))

    def by_no_authority(self) -> Issued:
        """Issued by a leaf, which may issue nothing."""
        leaf = self.good()
        made = _issue("leaf of a leaf", leaf, days=(-1, 90), names=LOCAL_NAMES)
        chain = (leaf.certificate, *leaf.chain)
        return Issued(certificate=made.certificate, key=made.key, chain=chain)

    def wrong_host(self) -> Issued:
        return self._leaf(("other.example",), days=(-1, 90))

    def incomplete_chain(self) -> Issued:
        """The leaf alone, as a server sends it whose administrator forgot the rest."""
        good = self.good()
        return Issued(certificate=good.certificate, key=good.key)

    def _leaf(self, names: Iterable[str], days: tuple[float, float]) -> Issued:
        made = _issue("leaf", self.intermediate, days=days, names=tuple(names))
        chain = (self.intermediate.certificate,)
        return Issued(certificate=made.certificate, key=made.key, chain=chain)


def self_signed() -> Issued:
    return _issue("localhost", None, days=(-1, 90), names=LOCAL_NAMES)


def with_extension(oid: str, raw: bytes) -> Issued:
    """Self-signed, without names, and with those bytes as an extension."""
    extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), raw)
    return _issue("localhost", None, days=(-1, 90), extensions=(extension,))


def _issue(
    subject: str,
    issuer: Issued | None,
    *,
    days: tuple[float, float],
    names: tuple[str, ...] = (),
    is_authority: bool = False,
    extensions: tuple[x509.UnrecognizedExtension, ...] = (),
) -> Issued:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.fromtimestamp(SystemClock().wall(), UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(map(_general_name, names)), critical=False
        ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    signer = issuer.key if issuer else key
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    return Issued(certificate=builder.sign(signer, hashes.SHA256()), key=key)


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
