"""Dialling several addresses, phases, bounded reads, and deadlines that name where they struck."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from time import monotonic

import pytest

from monitor.domain.checks.probe import Context
from monitor.net.connection import Connection
from monitor.net.errors import ProbeFailure, TooSlow
from monitor.net.family import Family
from monitor.net.resolve.resolver import Resolver
from monitor.net.session import Session
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from tests.support.transcript import RecordingTranscript

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]


@asynccontextmanager
async def serving(serve: Serve, host: str = "127.0.0.1") -> AsyncIterator[int]:
    writers: list[asyncio.StreamWriter] = []

    def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        serve(reader, writer)

    server = await asyncio.start_server(meet, host, 0)
    try:
        async with server:
            yield server.sockets[0].getsockname()[1]
    finally:
        for writer in writers:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()


def saying(words: bytes, *, closes: bool = False) -> Serve:
    def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        if closes:
            writer.close()

    return serve


@contextmanager
def overloaded(host: str, port: int) -> Iterator[None]:
    """A listener whose queue is full: the kernel drops who comes next."""
    with socket.socket() as listener, socket.socket() as queued, socket.socket() as next_one:
        listener.bind((host, port))
        listener.listen(0)
        queued.connect((host, port))
        next_one.setblocking(False)
        next_one.connect_ex((host, port))
        yield


def transport(**hosts: tuple[str, ...]) -> Transport:
    named = {name.replace("_", "."): addresses for name, addresses in hosts.items()}
    return Transport(wall=SystemClock().wall, resolver=Resolver(hosts=named))


@asynccontextmanager
async def connected(
    port: int, timeout_s: float = 5.0, *, max_bytes: int = 1 << 20
) -> AsyncIterator[tuple[Session, Connection]]:
    ours = transport()
    with ours.run(Context(deadline=monotonic() + timeout_s)) as run:
        connection = await ours.connect(run, "127.0.0.1", port, max_bytes=max_bytes)
        try:
            yield run, connection
        finally:
            connection.close()


async def test_it_tries_the_next_address_when_one_refuses() -> None:
    async with serving(saying(b"")) as port:
        ours = transport(two_test=("127.0.0.2", "127.0.0.1"))
        with ours.run(Context(deadline=monotonic() + 5)) as run:
            (await ours.connect(run, "two.test", port)).close()
        attempts = run.evidence["attempts"]
    assert isinstance(attempts, list)
    assert [(a["address"], a["failure"]) for a in attempts] == [
        ("127.0.0.2", "conn_refused"),
        ("127.0.0.1", None),
    ]
    assert run.evidence["address"] == "127.0.0.1"


async def test_it_tries_the_next_address_after_a_third_of_the_time() -> None:
    async with serving(saying(b"")) as port:
        with overloaded("127.0.0.2", port):
            ours = transport(two_test=("127.0.0.2", "127.0.0.1"))
            began = monotonic()
            with ours.run(Context(deadline=began + 0.9)) as run:
                (await ours.connect(run, "two.test", port)).close()
        attempts = run.evidence["attempts"]
    assert isinstance(attempts, list)
    assert [a["failure"] for a in attempts] == ["connect_timeout", None]
    assert 0.28 < monotonic() - began < 0.6


async def test_it_gives_the_last_address_all_the_time_that_is_left() -> None:
    async with serving(saying(b"")) as port:
        with overloaded("127.0.0.2", port), overloaded("127.0.0.3", port):
            ours = transport(two_test=("127.0.0.2", "127.0.0.3"))
            began = monotonic()
            with (
                pytest.raises(ProbeFailure) as fault,
                ours.run(Context(deadline=began + 0.6)) as run,
            ):
                await ours.connect(run, "two.test", port)
    assert fault.value.failure == "connect_timeout"
    assert 0.55 < monotonic() - began < 0.85
    assert list(run.phases_ms) == ["resolve", "connect"]


async def test_it_reports_what_says_most_when_no_address_works() -> None:
    async with serving(saying(b"")) as port:
        ours = transport(two_test=("127.0.0.2", "127.0.0.3"))
        with (
            pytest.raises(ProbeFailure) as fault,
            ours.run(Context(deadline=monotonic() + 5)) as run,
        ):
            await ours.connect(run, "two.test", port)
    assert fault.value.failure == "conn_refused"
    assert len(run.evidence["attempts"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(("family", "address"), [(Family.IPV4, "127.0.0.1"), (Family.IPV6, "::1")])
async def test_it_goes_over_the_family_it_is_told(family: Family, address: str) -> None:
    async with serving(saying(b""), address) as port:
        ours = transport(two_test=("::1", "127.0.0.1"))
        with ours.run(Context(deadline=monotonic() + 5)) as run:
            connection = await ours.connect(run, "two.test", port, family=family)
            connection.close()
    assert (connection.peer, "attempts" in run.evidence) == (address, False)


async def test_it_reads_lines_exact_bytes_and_the_rest() -> None:
    async with (
        serving(saying(b"220 hola\r\nplain\nabcdefrest", closes=True)) as port,
        connected(port) as (_, connection),
    ):
        assert await connection.read_line() == b"220 hola"
        assert await connection.read_line() == b"plain"
        assert await connection.read_exact(6) == b"abcdef"
        assert await connection.read_some() == b"rest"
        assert await connection.read_some() == b""
        with pytest.raises(ProbeFailure, match="middle of an answer") as fault:
            await connection.read_line()
    assert fault.value.failure == "conn_reset"


async def test_it_keeps_what_came_while_nobody_read() -> None:
    async with (
        serving(saying(b"one\ntwo\n" + b"x" * 500_000)) as port,
        connected(port) as (run, connection),
    ):
        assert await connection.read_line() == b"one"
        await run.sleep(0.05)
        assert await connection.read_line() == b"two"
        assert await connection.read_exact(500_000) == b"x" * 500_000


@pytest.mark.parametrize("size", [100, 101, 5000])
async def test_it_bounds_a_line(size: int) -> None:
    async with (
        serving(saying(b"x" * (size - 1) + b"\n")) as port,
        connected(port) as (_, connection),
    ):
        if size == 100:
            assert len(await connection.read_line(100)) == 99
            return
        with pytest.raises(ProbeFailure) as fault:
            await connection.read_line(100)
    assert fault.value.failure == "too_large"


async def test_it_bounds_all_that_a_connection_brings() -> None:
    async with (
        serving(saying(b"x\n" * 5000)) as port,
        connected(port, max_bytes=1000) as (_, connection),
    ):
        with pytest.raises(ProbeFailure) as fault:
            await _read_on(connection)
    assert fault.value.failure == "too_large"


async def _read_on(connection: Connection) -> None:
    while True:
        await connection.read_line()


async def test_it_sends_more_than_the_kernel_takes_at_once() -> None:
    received: list[int] = []

    async def count(reader: asyncio.StreamReader) -> None:
        await asyncio.sleep(0.02)
        received.append(len(await reader.readexactly(8_000_000)))

    tasks: list[asyncio.Task[None]] = []
    async with (
        serving(lambda r, _: tasks.append(asyncio.ensure_future(count(r)))) as port,
        connected(port) as (_, connection),
    ):
        await connection.send(bytes(8_000_000))
        await tasks[0]
    assert received == [8_000_000]


@pytest.mark.parametrize(
    ("phase", "failure"),
    [
        ("greeting", "greeting_timeout"),
        ("processing", "read_timeout"),
        ("transfer", "read_timeout"),
    ],
)
async def test_it_names_the_phase_in_which_time_ran_out(phase: str, failure: str) -> None:
    async with serving(saying(b"")) as port, connected(port, 0.1) as (run, connection):
        run.enter(phase)
        with pytest.raises(ProbeFailure) as fault:
            await connection.read_some()
    assert fault.value.failure == failure
    assert run.phases_ms[phase] == pytest.approx(100, abs=60)


async def test_it_gives_up_sooner_where_the_caller_says_and_loses_nothing() -> None:
    async with serving(lambda _, w: None) as port, connected(port) as (_, connection):
        with pytest.raises(TooSlow):
            await connection.read_some(monotonic() + 0.05)
    async with serving(saying(b"still here")) as port, connected(port) as (run, connection):
        await run.sleep(0.02)
        assert await connection.read_some(monotonic() + 1) == b"still here"


async def test_it_waits_for_nothing_once_the_deadline_has_gone() -> None:
    async with serving(saying(b"hola")) as port, connected(port, 0.05) as (run, connection):
        with pytest.raises(ProbeFailure):
            await run.sleep(1)
        with pytest.raises(ProbeFailure):
            await connection.read_some()


async def test_it_ends_at_once_when_cancelled_and_closes_its_socket() -> None:
    came, readers = asyncio.Event(), []

    def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        readers.append(reader)
        came.set()

    async def talk(port: int) -> None:
        async with connected(port) as (_, connection):
            await connection.read_line()

    async with serving(keep) as port, asyncio.timeout(5):
        task = asyncio.ensure_future(talk(port))
        await came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await readers[0].read() == b""


async def test_it_refuses_bytes_slipped_in_before_the_handshake() -> None:
    async with (
        serving(saying(b"220 go\r\n250 injected\r\n")) as port,
        connected(port) as (_, connection),
    ):
        assert await connection.read_line() == b"220 go"
        with pytest.raises(ProbeFailure) as fault:
            await transport().start_tls(connection)
    assert fault.value.failure == "protocol_error"


async def test_it_masks_what_is_hidden_and_shows_what_stands_for_it() -> None:
    transcript = RecordingTranscript()
    async with serving(saying(b"hola s3cret\r\n")) as port:
        ours = transport()
        context = Context(deadline=monotonic() + 5, transcript=transcript)
        with ours.run(context) as run:
            run.hide("s3cret")
            connection = await ours.connect(run, "127.0.0.1", port)
            await connection.send(b"AUTH \x00\x01", shown="AUTH ***")
            await connection.read_line()
            connection.close()
    assert transcript.lines[1:] == ["> AUTH ***", "< hola ***"]
