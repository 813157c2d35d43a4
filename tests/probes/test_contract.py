"""What every kind keeps to: its class per fault, its deadline, and a clean leave.

A kind joins with a row in STANDS (a healthy server and a specification that fits it) and its rows
in EXPECTED. Each fault stands between two healthy looks at the same port, which must be `up`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation
from monitor.domain.secret import Secret
from monitor.net.family import Family
from probes.dns.probe import DnsSpec
from probes.hls.probe import HlsSpec
from probes.http import HttpSpec
from probes.icecast.probe import IcecastSpec
from probes.mail.imap import ImapSpec
from probes.mail.pop3 import Pop3Spec
from probes.mail.smtp import SmtpSpec
from probes.registry import PROBES
from probes.rtmp.probe import RtmpSpec
from probes.tcp import TcpSpec
from probes.tls import TlsSpec
from tests.probes.bench import OVERRUN_S, Footprint, Measured, footprint, measure
from tests.support.fault_proxy import Proxy, fault_proxy
from tests.support.mail import USER, Mail

TIMEOUT_S = 0.6
HEALTHY_TIMEOUT_S = 5.0

OK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

FAULTS: dict[str, Callable[[Proxy], None]] = {
    "refuses": lambda proxy: proxy.set("refuse"),
    "hangs": lambda proxy: proxy.set("hang"),
    "resets": lambda proxy: proxy.set("reset"),
    "closes": lambda proxy: proxy.set("close"),
    "talks garbage": lambda proxy: proxy.say(b"\x00\xff\x13\x37 %%% nonsense\r\n\r\n"),
    "never ends": lambda proxy: proxy.endless(b"", b"A"),
    "trickles": lambda proxy: proxy.set(f"drip {OK_HEAD.hex()}"),
    "stops midway": lambda proxy: proxy.set("stall 40"),
    "breaks off midway": lambda proxy: proxy.set("cut 40"),
    "headers never end": lambda proxy: proxy.endless(OK_HEAD, b"X-More: of the same\r\n"),
    "body never ends": lambda proxy: proxy.endless(OK_HEAD + b"\r\n", b"A"),
    "chunks never end": lambda proxy: proxy.endless(
        OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"4\r\nAAAA\r\n"
    ),
    "body is cut": lambda proxy: proxy.say(OK_HEAD + b"Content-Length: 99\r\n\r\nhola mundo"),
    "sound floods": lambda proxy: proxy.endless(
        b"ICY 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n", b"A"
    ),
    "repeats itself": lambda proxy: proxy.endless(b"", b"220-and again\r\n"),
}

EXPECTED: dict[str, dict[str, str | None]] = {
    "http": {
        "refuses": "conn_refused",
        "hangs": "read_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "protocol_error",
        "trickles": "total_timeout",
        "stops midway": "read_timeout",
        "breaks off midway": "conn_reset",
        "headers never end": "too_large",
        "body never ends": None,
        "chunks never end": None,
        "body is cut": "conn_reset",
    },
    "http, text expected": {
        "body never ends": "too_large",
        "chunks never end": "too_large",
        "body is cut": "conn_reset",
    },
    "http over tls": {
        "refuses": "conn_refused",
        "hangs": "tls_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "tls_handshake",
        "never ends": "tls_handshake",
        "trickles": "tls_handshake",
        "stops midway": "tls_timeout",
        "breaks off midway": "conn_reset",
    },
    "tls": {
        "refuses": "conn_refused",
        "hangs": "tls_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "tls_handshake",
        "never ends": "tls_handshake",
        "stops midway": "tls_timeout",
        "breaks off midway": "conn_reset",
    },
    "dns over tcp": {
        "refuses": "conn_refused",
        "hangs": "dns_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "conn_reset",
        "never ends": "protocol_error",
        "trickles": "total_timeout",
        "stops midway": "dns_timeout",
        "breaks off midway": "conn_reset",
    },
    "smtp": {
        "refuses": "conn_refused",
        "hangs": "banner_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "too_large",
        "trickles": "banner_timeout",
        "stops midway": "read_timeout",
        "breaks off midway": "conn_reset",
        "repeats itself": "too_large",
    },
    "smtps": {
        "refuses": "conn_refused",
        "hangs": "tls_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "tls_handshake",
        "stops midway": "tls_timeout",
        "breaks off midway": "conn_reset",
    },
    "imap": {
        "refuses": "conn_refused",
        "hangs": "greeting_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "too_large",
        "trickles": "greeting_timeout",
        "stops midway": "greeting_timeout",
        "breaks off midway": "conn_reset",
        "repeats itself": "protocol_error",
    },
    "pop3": {
        "refuses": "conn_refused",
        "hangs": "greeting_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "too_large",
        "trickles": "greeting_timeout",
        "stops midway": "read_timeout",
        "breaks off midway": "conn_reset",
        "repeats itself": "protocol_error",
    },
    "icecast": {
        "refuses": "conn_refused",
        "hangs": "read_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "too_large",
        "trickles": "total_timeout",
        "stops midway": "read_timeout",
        "breaks off midway": "conn_reset",
        "headers never end": "too_large",
        "body never ends": "wrong_codec",
        "sound floods": "too_large",
    },
    "hls": {
        "refuses": "conn_refused",
        "hangs": "read_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "protocol_error",
        "trickles": "total_timeout",
        "stops midway": "read_timeout",
        "breaks off midway": "conn_reset",
        "headers never end": "too_large",
        "body never ends": "too_large",
        "chunks never end": "too_large",
        "body is cut": "conn_reset",
    },
    "rtmp": {
        "refuses": "conn_refused",
        "hangs": "greeting_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "handshake",
        "never ends": "handshake",
        "trickles": "handshake",
        "stops midway": "greeting_timeout",
        "breaks off midway": "conn_reset",
    },
    "tcp": {
        "refuses": "conn_refused",
        "hangs": None,
    },
    "tcp, words expected": {
        "refuses": "conn_refused",
        "hangs": "greeting_timeout",
        "resets": "conn_reset",
        "closes": "conn_reset",
        "talks garbage": "protocol_error",
        "never ends": "too_large",
        "trickles": "greeting_timeout",
        "stops midway": "greeting_timeout",
        "breaks off midway": "protocol_error",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A healthy server's port, and the specification of a look at a port before it; `server` is
    the fixture that both are given. `phases` are a healthy look's in the order in which they
    begin, where that is not the kind's: TLS in the middle of a conversation."""

    kind: str
    phases: tuple[str, ...] | None = None
    server: str = "nginx"
    upstream: Callable[[Any], int]
    spec: Callable[[int, Any], Any]


STARTTLS = ("connect", "greeting", "processing", "tls", "auth")


def _account(mail: Mail) -> dict[str, Any]:
    """A whole session: into TLS, and in."""
    password = Secret(f"file:{mail.password_file}")
    return {"ca_file": str(mail.ca_file), "username": USER, "password": password}


STANDS: dict[str, Stand] = {
    "http": Stand(
        kind="http",
        upstream=lambda nginx: nginx.http,
        spec=lambda port, _: HttpSpec(url=f"http://127.0.0.1:{port}/"),
    ),
    "http, text expected": Stand(
        kind="http",
        upstream=lambda nginx: nginx.http,
        spec=lambda port, _: HttpSpec(url=f"http://127.0.0.1:{port}/", expect_body="hola"),
    ),
    "http over tls": Stand(
        kind="http",
        upstream=lambda nginx: nginx.https["good"],
        spec=lambda port, nginx: HttpSpec(
            url=f"https://localhost:{port}/", ca_file=str(nginx.ca_file), family=Family.IPV4
        ),
    ),
    "tls": Stand(
        kind="tls",
        upstream=lambda nginx: nginx.https["good"],
        spec=lambda port, nginx: TlsSpec(host="127.0.0.1", port=port, ca_file=str(nginx.ca_file)),
    ),
    "dns over tcp": Stand(
        kind="dns",
        server="knot",
        upstream=lambda knot: knot.port,
        spec=lambda port, _: DnsSpec(
            server="127.0.0.1", port=port, name="www.radio.test", tcp=True
        ),
    ),
    "smtp": Stand(
        kind="smtp",
        phases=STARTTLS,
        server="mail",
        upstream=lambda mail: mail.ports["smtp_login"],
        spec=lambda port, mail: SmtpSpec(host="127.0.0.1", port=port, **_account(mail)),
    ),
    "smtps": Stand(
        kind="smtp",
        server="mail",
        upstream=lambda mail: mail.smtps["good"],
        spec=lambda port, mail: SmtpSpec(
            host="127.0.0.1", port=port, implicit_tls=True, **_account(mail)
        ),
    ),
    "imap": Stand(
        kind="imap",
        phases=STARTTLS,
        server="mail",
        upstream=lambda mail: mail.ports["imap"],
        spec=lambda port, mail: ImapSpec(host="127.0.0.1", port=port, **_account(mail)),
    ),
    "pop3": Stand(
        kind="pop3",
        phases=STARTTLS,
        server="mail",
        upstream=lambda mail: mail.ports["pop3"],
        spec=lambda port, mail: Pop3Spec(host="127.0.0.1", port=port, **_account(mail)),
    ),
    "icecast": Stand(
        kind="icecast",
        server="icecast",
        upstream=lambda icecast: icecast.port,
        spec=lambda port, icecast: IcecastSpec(url=icecast.url("radio.mp3", port), sample_s=0.4),
    ),
    "hls": Stand(
        kind="hls",
        server="streaming",
        upstream=lambda streaming: streaming.http,
        spec=lambda port, streaming: HlsSpec(
            url=streaming.url("master.m3u8", port), max_bytes=1 << 18
        ),
    ),
    "rtmp": Stand(
        kind="rtmp",
        server="streaming",
        upstream=lambda streaming: streaming.rtmp,
        spec=lambda port, _: RtmpSpec(host="127.0.0.1", port=port, app="live", stream="radio"),
    ),
    "tcp": Stand(
        kind="tcp",
        upstream=lambda nginx: nginx.http,
        spec=lambda port, _: TcpSpec(host="127.0.0.1", port=port),
    ),
    "tcp, words expected": Stand(
        kind="tcp",
        upstream=lambda nginx: nginx.http,
        spec=lambda port, _: TcpSpec(
            host="127.0.0.1", port=port, send="GET / HTTP/1.0\\r\\n\\r\\n", expect="hola mundo"
        ),
    ),
}
CASES = [(stand, fault) for stand, faults in EXPECTED.items() for fault in faults]


@pytest.fixture(scope="module")
def proxies() -> Iterator[Callable[[str, int], Proxy]]:
    """One proxy before each server, kept: a fault must not be told apart by its port."""
    with ExitStack() as held:
        yield cache(lambda name, upstream: held.enter_context(fault_proxy(upstream)))


@pytest.mark.parametrize(("name", "fault"), CASES, ids=lambda value: str(value))
async def test_it_names_the_fault_between_two_healthy_looks(
    name: str,
    fault: str,
    proxies: Callable[[str, int], Proxy],
    request: pytest.FixtureRequest,
    record_property: Callable[[str, object], None],
) -> None:
    stand = STANDS[name]
    server = request.getfixturevalue(stand.server)
    proxy = proxies(name, stand.upstream(server))
    spec = stand.spec(proxy.port, server)
    await _be_healthy(stand, spec, proxy)
    before = footprint()
    FAULTS[fault](proxy)
    measured = await measure(stand.kind, spec, TIMEOUT_S)
    await _be_healthy(stand, spec, proxy)
    after = footprint()
    record_property("contract", _row(name, fault, measured))
    assert measured.observation.failure == EXPECTED[name][fault], measured.observation
    _keeps_its_deadline(measured)
    _leaves_nothing(before, after)


@pytest.mark.parametrize("name", STANDS)
async def test_it_declares_each_class_and_phase_it_may_show(name: str) -> None:
    kind = PROBES[STANDS[name].kind]
    declared = {failure.id for failure in kind.failures}
    assert {seen for seen in EXPECTED[name].values() if seen} <= declared


def test_it_gives_every_kind_its_rows() -> None:
    kinds = {stand.kind for stand in STANDS.values()}
    assert kinds == PROBES.keys()
    assert STANDS.keys() == EXPECTED.keys()


async def _be_healthy(stand: Stand, spec: Any, proxy: Proxy) -> Observation:
    proxy.set("pass")
    seen = (await measure(stand.kind, spec, HEALTHY_TIMEOUT_S)).observation
    declared = PROBES[stand.kind].phases
    assert seen.failure is None, seen
    assert set(seen.phases_ms) <= set(declared)
    in_order = stand.phases or tuple(p for p in declared if p in seen.phases_ms)
    assert tuple(seen.phases_ms) == in_order
    return seen


def _keeps_its_deadline(measured: Measured) -> None:
    assert measured.overrun_s <= OVERRUN_S + measured.canary_lag_s, measured


def _leaves_nothing(before: Footprint, after: Footprint) -> None:
    assert after == before


def _row(name: str, fault: str, measured: Measured) -> list[str]:
    """A line of the table: who, what, expected, seen, how late."""
    expected, seen = EXPECTED[name][fault], measured.observation
    return [
        name,
        fault,
        expected or "up",
        str(seen.failure or seen.outcome),
        f"{measured.overrun_s * 1000:.0f}",
    ]
