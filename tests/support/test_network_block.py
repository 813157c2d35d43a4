"""The guard guards: what a test must not do is refused and remembered."""

from __future__ import annotations

import asyncio
import socket

import pytest

from tests.support import network_block
from tests.support.network_block import NetworkBlockedError

OUTSIDE = ("192.0.2.1", 9)


@pytest.fixture(autouse=True)
def _forgive() -> object:
    """These tests reach out on purpose."""
    yield
    network_block.refused.clear()


def test_it_refuses_a_connection_beyond_loopback() -> None:
    with socket.socket() as sock, pytest.raises(NetworkBlockedError):
        sock.connect(OUTSIDE)
    assert network_block.refused == ["socket.connect to 192.0.2.1"]


def test_it_refuses_a_datagram_beyond_loopback() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as sock,
        pytest.raises(NetworkBlockedError),
    ):
        sock.sendto(b"?", OUTSIDE)


def test_it_refuses_a_name_that_only_a_resolver_knows() -> None:
    with pytest.raises(NetworkBlockedError):
        socket.getaddrinfo("example.com", 80)


async def test_it_refuses_what_asyncio_opens() -> None:
    with pytest.raises(NetworkBlockedError):
        await asyncio.open_connection(*OUTSIDE)


async def test_it_lets_loopback_and_unix_sockets_be(tmp_path: object) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        ours.send(b"hello")
        assert theirs.recv(5) == b"hello"
    assert network_block.refused == []
