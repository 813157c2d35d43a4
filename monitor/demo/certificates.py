"""Certificates of the demonstration's own: an authority, a good leaf, an expired one."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    authority: Path
    good: Path
    expired: Path

    def contexts(self) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        """What a server shows: (good, expired)."""
        return _context(self.good), _context(self.expired)


def make_certificates(folder: Path, host: str, now: datetime) -> Certificates:
    """Write them as PEM (leaf, then key) under `folder`; made anew at each start."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Demo authority")])
    root = (
        _builder(name, name, key.public_key(), now - _DAY, now + 30 * _DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = Certificates(
        authority=folder / "ca.pem", good=folder / "good.pem", expired=folder / "expired.pem"
    )
    paths.authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    _leaf(paths.good, root, key, host, now - _DAY, now + 20 * _DAY)
    _leaf(paths.expired, root, key, host, now - 20 * _DAY, now - _DAY)
    return paths


def _leaf(
    path: Path,
    root: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    host: str,
    begins: datetime,
    ends: datetime,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "demo")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(host))]
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    leaf = (
        _builder(name, root.subject, key.public_key(), begins, ends)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(authority, critical=False)
        .sign(signer, hashes.SHA256())
    )
    path.write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    begins: datetime,
    ends: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _context(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
