"""What a door, or what stands in its place, can do to a request: each ends in one sentence."""

from __future__ import annotations

import socket
import ssl

import pytest
import trustme

from monitor.client.address import door_address
from monitor.client.exchange import Exchange, Sent
from monitor.client.faults import Lost, NoEstado, TimedOut, Unreachable
from tests.client.servers import (
    HOST,
    Talk,
    drips,
    hangs_up,
    never_answers,
    raw,
    says,
    serving,
)

ASKED = Sent(method="GET", path="/api/v1/session", headers={"Authorization": "Bearer secret"})


def test_it_brings_an_answer_with_its_headers() -> None:
    with serving(says(b"{}", ETag='"3"')) as server:
        answer = Exchange(door_address(server.url)).ask(ASKED)
    assert (answer.status, answer.headers["etag"], answer.body) == (200, '"3"', b"{}")
    (asked,) = server.requests
    assert asked.startswith(b"GET /api/v1/session HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret\r\n" in asked


def test_it_says_where_nobody_answers() -> None:
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unreachable, match=rf"nobody answers at http://{HOST}:{port}: .*refused"):
        Exchange(door_address(f"http://{HOST}:{port}")).ask(ASKED)


@pytest.mark.parametrize("talk", [never_answers, drips])
def test_it_waits_no_longer_than_it_may_however_the_answer_drips(talk: Talk) -> None:
    with serving(talk) as server, pytest.raises(TimedOut, match=r"did not answer within 0\.3 s"):
        Exchange(door_address(server.url), longest_s=0.3).ask(ASKED)


@pytest.mark.parametrize(
    "head", [b"Content-Length: 10000000\r\n", b"", b"Content-Length: 99999999999999\r\n"]
)
def test_it_reads_no_more_of_an_answer_than_it_may(head: bytes) -> None:
    content = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"[" * 10_000_000
    with serving(raw(content)) as server, pytest.raises(NoEstado, match="more than 8 MB"):
        Exchange(door_address(server.url)).ask(ASKED)


@pytest.mark.parametrize(
    "talk",
    [
        hangs_up,
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}"),
    ],
    ids=["no answer", "half a body", "half of its chunks"],
)
def test_a_connection_that_ends_too_early_is_lost(talk: Talk) -> None:
    with serving(talk) as server, pytest.raises(Lost, match="was lost before its answer"):
        Exchange(door_address(server.url)).ask(ASKED)


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
    ids=["ssh", "status", "headers", "a long header"],
)
def test_what_speaks_no_http_is_no_door(content: bytes) -> None:
    with serving(raw(content)) as server, pytest.raises(NoEstado, match="is no door of estado"):
        Exchange(door_address(server.url)).ask(ASKED)


@pytest.mark.parametrize("host", ["other.example", HOST])
def test_nothing_is_sent_under_a_certificate_that_does_not_hold(host: str) -> None:
    """Of another host, and of an authority that nobody trusts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(host).configure_cert(context)
    with serving(says(b"{}"), tls=context) as server:
        address = door_address(f"https://{HOST}:{server.port}")
        with pytest.raises(Unreachable, match=r"does not hold: .*SSL_CERT_FILE"):
            Exchange(address).ask(ASKED)
    assert server.requests == []


def test_an_authority_of_ones_own_is_trusted_where_it_is_named(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST).configure_cert(context)
    file = tmp_path_factory.mktemp("authority") / "own.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with serving(says(b"{}"), tls=context) as server:
        answer = Exchange(door_address(f"https://{HOST}:{server.port}")).ask(ASKED)
    assert answer.status == 200


def test_plain_http_where_tls_is_wanted_is_one_sentence() -> None:
    with serving(says(b"{}")) as server:
        address = door_address(f"https://{HOST}:{server.port}")
        with pytest.raises(Unreachable, match="there is no TLS at"):
            Exchange(address, longest_s=2).ask(ASKED)
