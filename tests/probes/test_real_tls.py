"""What real servers show as certificates, judged by all that the look relied on."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.domain.checks.symptoms import Symptom
from monitor.net.family import Family
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from probes._failures import BY_ID
from probes.http import HttpProbe, HttpSpec
from probes.tls import TlsProbe, TlsSpec
from tests.probes.real_rows import Record, tell
from tests.support.certificates import Authority, Issued, with_extension
from tests.support.looks import run_check

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SCTS = "1.3.6.1.4.1.11129.2.4.2"


@asynccontextmanager
async def showing(issued: Issued, folder: Path, answer: bytes = OK) -> AsyncIterator[int]:
    """The port of a web server with that certificate and one answer for all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issued.write(folder, f"{issued.certificate.serial_number}"))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def roots(authority: Authority, folder: Path) -> str:
    path = folder / "roots.pem"
    path.write_bytes(authority.ca_pem())
    return str(path)


async def see(transport: Transport, port: int, ca_file: str, **settings: Any) -> Observation:
    spec = {"url": f"https://localhost:{port}/", "ca_file": ca_file, "family": Family.IPV4}
    return await run_check(HttpProbe(transport), HttpSpec(**(spec | settings)), timeout_s=5)


async def test_an_intermediate_that_ends_soon_is_named(
    transport: Transport, tmp_path: Path, record_property: Record
) -> None:
    authority = Authority(intermediate_days=3)
    async with showing(authority.good(days=90), tmp_path) as port:
        seen = await see(transport, port, roots(authority, tmp_path), cert_warn_days=21)
        spec = TlsSpec(host="127.0.0.1", port=port, ca_file=roots(authority, tmp_path))
        by_tls = await run_check(TlsProbe(transport), spec, timeout_s=5)
    tell(record_property, "http", "T1 intermediate ends in 3 days", "cert_expiring", seen)
    tell(record_property, "tls", "T1 intermediate ends in 3 days", "cert_expiring", by_tls)
    assert seen.outcome is Outcome.DEGRADED
    assert seen.message == "CN=Test Intermediate in the chain of localhost expires in 3 days"
    facts = seen.evidence["tls"]
    assert isinstance(facts, dict)
    assert facts["days_left"] == pytest.approx(3, abs=0.2)


async def test_an_intermediate_that_was_not_relied_on_does_not_count(
    transport: Transport, tmp_path: Path, record_property: Record
) -> None:
    """Servers send what they like: what counts is the chain as it was built."""
    authority, other = Authority(), Authority(intermediate_days=3)
    good = authority.good()
    chain = (*good.chain, other.intermediate.certificate)
    sent = Issued(certificate=good.certificate, key=good.key, chain=chain)
    async with showing(sent, tmp_path) as port:
        seen = await see(transport, port, roots(authority, tmp_path), cert_warn_days=21)
    tell(record_property, "http", "T1 a stranger in what was sent", None, seen)


async def test_the_certificate_of_each_hop_counts(
    transport: Transport, tmp_path: Path, record_property: Record
) -> None:
    authority = Authority()
    ca_file = roots(authority, tmp_path)
    async with showing(authority.good(), tmp_path) as end:
        there = f"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:{end}/\r\n\r\n".encode()
        async with showing(authority.good(days=3), tmp_path, there) as port:
            seen = await see(transport, port, ca_file, cert_warn_days=21)
    tell(record_property, "http", "T1 the first hop's ends in 3 days", "cert_expiring", seen)
    assert seen.message == "the certificate of localhost expires in 3 days"


QUALITIES: dict[str, tuple[str, Callable[[Authority], Issued], str]] = {
    "not yet valid": ("T2", Authority.not_yet_valid, "cert_not_yet_valid"),
    "issuer that is no CA": ("T2", Authority.by_no_authority, "cert_invalid"),
}


@pytest.mark.parametrize("line", QUALITIES)
async def test_a_refused_certificate_has_a_class_of_a_certificate(
    transport: Transport, tmp_path: Path, line: str, record_property: Record
) -> None:
    number, issue, failure = QUALITIES[line]
    authority = Authority()
    async with showing(issue(authority), tmp_path) as port:
        seen = await see(transport, port, roots(authority, tmp_path))
    tell(record_property, "http", f"{number} {line}", failure, seen)
    assert seen.message.startswith("certificate refused: ")


def test_a_certificate_that_is_not_valid_yet_hints_at_our_own_clock() -> None:
    told = BY_ID[FailureId("cert_not_yet_valid")]
    assert "this monitor's own clock is behind" in told.cause.in_locale("en")
    assert "el reloj de este monitor" in told.cause.in_locale("es")


async def test_it_says_when_a_certificate_expired_that_it_was_told_not_to_verify(
    tmp_path: Path, record_property: Record
) -> None:
    authority = Authority()
    transport = Transport(wall=lambda: SystemClock().wall() + 86400.0)
    async with showing(authority.expired(), tmp_path) as port:
        seen = await see(
            transport, port, roots(authority, tmp_path), verify=False, cert_warn_days=14
        )
    tell(record_property, "http", "T3 expired, verify=false", "cert_expired_unverified", seen)
    assert seen.outcome is Outcome.DEGRADED
    assert seen.message == "the certificate of localhost expired 2 days ago"
    public = BY_ID[seen.failure] if seen.failure else None
    assert public is not None
    assert public.symptom is Symptom.UNSAFE


@pytest.mark.parametrize(
    ("oid", "raw"),
    [("2.5.29.17", "300ca50aa0020c00a1040c026161"), ("2.5.29.32", "ffff"), (SCTS, "040100")],
    ids=["a name of a rare kind", "a policy that is none", "a timestamp that is none"],
)
async def test_an_extension_that_is_odd_is_no_fault_of_ours(
    transport: Transport, tmp_path: Path, oid: str, raw: str
) -> None:
    issued = with_extension(oid, bytes.fromhex(raw))
    async with showing(issued, tmp_path) as port:
        spec = HttpSpec(url=f"https://localhost:{port}/", verify=False, family=Family.IPV4)
        seen = await run_check(HttpProbe(transport), spec, timeout_s=5)
    assert seen.failure is None, seen
