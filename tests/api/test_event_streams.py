"""The stream: it resumes, it ends when its key does, and no client costs more than its bounds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from threading import Condition

import aiohttp
import pytest
import structlog

from monitor.api.events.streams import StreamLimits
from monitor.api.operation import ROOT
from monitor.api.ports import ApiTransaction
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ServiceId
from monitor.roles.console.journal import ReadingJournal
from tests.api.event_stream import Listener, listening
from tests.api.service import Service, service
from tests.support.nginx_proxy import proxying_nginx
from tests.support.patience import PATIENCE_S

QUICK = StreamLimits(poll_s=0.02, recheck_s=0.05, heartbeat_s=30, write_s=0.3, each=3, total=5)
OTHER = ("incident.updated", "x")


@asynccontextmanager
async def quick(folder: Path, **limits: float) -> AsyncIterator[Service]:
    given = {name: getattr(QUICK, name) for name in QUICK.__slots__} | limits
    async with service(folder, stream_limits=StreamLimits(**given)) as made:
        yield made


@pytest.fixture
async def streaming(tmp_path: Path) -> AsyncIterator[Service]:
    async with quick(tmp_path) as made:
        yield made


async def until_end(listener: Listener) -> tuple[str, str]:
    """The code of why it ended, which is the last that it said."""
    last = await listener.event()
    while last.name != "end":
        last = await listener.event()
    assert await listener.block() is None
    return last.name, str(last.data["code"])


async def test_what_happens_comes_by_itself(streaming: Service) -> None:
    key = streaming.key_of(AccountRole.VIEWER)
    async with listening(streaming.client, key) as listener:
        incident = streaming.fall("web")
        found = await listener.event()
        while found.kind != "incident.opened":
            assert found.name == "check"
            found = await listener.event()
        assert (found.name, found.data["subject"]) == ("incident", incident)
        assert found.data["id"] == found.id
        headers = listener.answer.headers
        assert headers["X-Accel-Buffering"] == "no"
        assert headers["Cache-Control"] == "no-store"


async def test_who_comes_again_goes_on_behind_the_last_event_without_loss_or_doubling(
    streaming: Service,
) -> None:
    key = streaming.key_of(AccountRole.VIEWER)
    seen: list[str] = []
    last = ""
    async with listening(streaming.client, key) as listener:
        last = listener.last_id
    for turn in range(4):
        streaming.note(*(("incident.updated", f"{turn}.{n}") for n in range(5)))
        async with listening(streaming.client, key, after=last) as listener:
            # The rest of the turn comes with the next connection.
            seen += [e.data["subject"] for e in await listener.events(3)]
            last = listener.last_id
    async with listening(streaming.client, key, after=last) as listener:
        streaming.note(("incident.updated", "live"))
        while seen[-1] != "live":
            seen.append((await listener.event()).data["subject"])
    assert seen == [f"{turn}.{n}" for turn in range(4) for n in range(5)] + ["live"]


async def test_a_page_and_a_stream_go_on_from_each_other_s_cursors(streaming: Service) -> None:
    key = streaming.key_of(AccountRole.VIEWER)
    streaming.note(("incident.updated", "a"))
    cursor = (await streaming.ask("GET", "/events", key=key)).json["next_after"]
    streaming.note(("incident.updated", "b"))
    async with listening(streaming.client, key, url=f"/events?after={cursor}") as listener:
        assert (await listener.event()).data["subject"] == "b"
        streaming.note(("incident.updated", "c"))
        page = await streaming.ask("GET", f"/events?after={listener.last_id}", key=key)
        assert [e["subject"] for e in page.json["events"]] == ["c"]


@pytest.mark.parametrize("cursor", ["A" * 59, "?", "=" * 5_000])
async def test_a_place_that_is_not_known_is_told_to_begin_anew_and_goes_on(
    streaming: Service, cursor: str
) -> None:
    key = streaming.key_of(AccountRole.VIEWER)
    async with listening(streaming.client, key, after=cursor) as listener:
        found = await listener.event()
        assert (found.name, found.data["code"]) == ("reset", "events.gone")
        streaming.note(("incident.updated", "a"))
        assert (await listener.event()).data["subject"] == "a"


async def test_a_quiet_stream_gives_signs_of_life_with_a_place_to_go_on_from(
    tmp_path: Path,
) -> None:
    async with quick(tmp_path, heartbeat_s=0.05) as made:
        key = made.key_of(AccountRole.VIEWER, services=("mail",))
        async with listening(made.client, key) as listener:
            for _ in range(3):
                made.note(OTHER)
                sign = await listener.block()
                assert sign is not None
                assert sign.name == ""
            last = listener.last_id
        async with listening(made.client, key, after=last) as listener:
            made.note(("timeline.corrected", "mail-check"))
            assert (await listener.event()).data["subject"] == "mail-check"


async def test_whoever_is_bounded_hears_nothing_of_others(streaming: Service) -> None:
    mail = streaming.key_of(AccountRole.VIEWER, services=("mail",))
    async with listening(streaming.client, mail) as listener:
        streaming.fall("web")
        streaming.note(OTHER, ("monitor.blind", "monitor"), ("timeline.corrected", "mail-check"))
        found = await listener.event()
        while found.kind != "timeline.corrected":
            assert found.data["components"] == ["mail"]
            found = await listener.event()


async def test_a_revoked_token_and_a_session_that_ends_hear_no_more(streaming: Service) -> None:
    token = streaming.key_of(AccountRole.VIEWER)
    session = streaming.session_of(AccountRole.ADMIN)
    async with (
        listening(streaming.client, token) as by_token,
        listening(streaming.client, session) as by_session,
    ):
        assert (await streaming.ask("DELETE", "/session", key=session)).status == 204
        streaming.tokens().revoke(token.split("_")[1])
        streaming.note(OTHER)
        assert await until_end(by_token) == ("end", "token.invalid")
        assert await until_end(by_session) == ("end", "session.over")


async def test_who_may_read_less_from_now_on_hears_less(streaming: Service) -> None:
    commands = streaming.add("ana", AccountRole.VIEWER)
    key = streaming.token("ana", Scope.STATE_READ)
    async with listening(streaming.client, key) as listener:
        streaming.note(("incident.updated", "before"))
        assert (await listener.event()).data["subject"] == "before"
        commands.change("ana", services=[ServiceId("mail")])
        # Whoever was bounded hears of nobody else, once it was looked up.
        heard = None
        async with asyncio.timeout(PATIENCE_S):
            while heard != "timeline.corrected":
                streaming.note(("timeline.corrected", "mail-check"))
                heard = (await listener.event()).kind
        streaming.note(OTHER, ("timeline.corrected", "mail-check"))
        assert (await listener.event()).kind == "timeline.corrected"


async def test_there_are_only_so_many_streams_of_one_key_and_of_all(streaming: Service) -> None:
    one, other = streaming.key_of(AccountRole.VIEWER), streaming.key_of(AccountRole.ADMIN)
    async with AsyncExitStack() as stack:
        for key in (one, one, one, other, other):
            await stack.enter_async_context(listening(streaming.client, key))
        for key, status, code in ((one, 429, "events.too_many"), (other, 503, "events.full")):
            refused = await streaming.ask("GET", "/events", key=key, Accept="text/event-stream")
            assert (refused.status, refused.code) == (status, code)
            assert refused.headers["Retry-After"] == "5"
        assert (await streaming.ask("GET", "/events", key=one)).status == 200
    # Those that have gone leave their room to others.
    await opened_again(streaming, one)


async def test_an_account_with_many_keys_leaves_room_to_others(tmp_path: Path) -> None:
    async with quick(tmp_path, of_account=4) as made:
        made.add("ana", AccountRole.VIEWER)
        sessions = [made.begun("ana") for _ in range(3)]
        token, other = made.token("ana", Scope.STATE_READ), made.key_of(AccountRole.VIEWER)
        async with AsyncExitStack() as stack:
            for key in (*sessions, token):
                await stack.enter_async_context(listening(made.client, key))
            for key in (sessions[0], token):
                refused = await made.ask("GET", "/events", key=key, Accept="text/event-stream")
                assert (refused.status, refused.code) == (429, "events.too_many")
                assert refused.json["fields"]["most"] == 4
            await stack.enter_async_context(listening(made.client, other))
        await opened_again(made, token)


async def opened_again(made: Service, key: str) -> None:
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/event-stream"}
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with made.client.get(f"{ROOT}/events", headers=headers) as answer:
                if answer.status == 200:
                    return
            # Between two tries somebody has to be let on.
            await asyncio.sleep(0.2)


async def test_a_client_that_never_reads_is_cut_off_and_bounds_what_it_takes(
    tmp_path: Path,
) -> None:
    async with quick(tmp_path, each=1) as made:
        key = made.key_of(AccountRole.VIEWER)
        with structlog.testing.capture_logs() as logs, silent(made, key) as peer:
            assert await asyncio.to_thread(peer.recv, 15) == b"HTTP/1.1 200 OK"
            async with asyncio.timeout(PATIENCE_S):
                while not any(log["event"] == "api.stream_cut" for log in logs):
                    await asyncio.to_thread(made.note, *[("incident.updated", "x" * 2_000)] * 200)
            (cut,) = [log for log in logs if log["event"] == "api.stream_cut"]
            assert (cut["account"], cut["why"]) == ("viewer", "it does not read")
            # Its room is free, and what it had not taken is gone with its connection.
            async with listening(made.client, key) as listener:
                made.note(("incident.updated", "after"))
                assert (await listener.event()).data["subject"] == "after"
            assert await asyncio.to_thread(drained, peer) < 2_000_000


@contextmanager
def silent(made: Service, key: str) -> Iterator[socket.socket]:
    """A client that asks for the stream and never reads."""
    server = made.client.server
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        peer.connect((server.host, server.port))
        peer.sendall(
            f"GET {ROOT}/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            "Accept: text/event-stream\r\n\r\n".encode()
        )
        yield peer


def drained(peer: socket.socket) -> int:
    """How many bytes still come until the connection is over."""
    peer.settimeout(PATIENCE_S)
    total = 0
    try:
        while found := peer.recv(65_536):
            total += len(found)
    except ConnectionResetError:
        pass
    return total


async def test_one_that_falls_behind_what_is_kept_is_told_so(tmp_path: Path) -> None:
    async with service(tmp_path, stream_limits=QUICK, kept_events=5) as made:
        key = made.key_of(AccountRole.VIEWER)
        async with listening(made.client, key) as listener:
            made.note(*[OTHER] * 50)
            assert await until_end(listener) == ("end", "events.slow")


async def test_the_role_s_end_ends_the_streams_at_once(streaming: Service) -> None:
    key = streaming.key_of(AccountRole.VIEWER)
    async with listening(streaming.client, key) as listener:
        async with asyncio.timeout(2):
            await asyncio.gather(streaming.client.server.close(), until_end(listener))


class Counted:
    """A reading journal that counts its transactions and those under way."""

    def __init__(self, folder: Path) -> None:
        self._journal = ReadingJournal(lambda: f"sqlite:///{folder / 'journal.db'}")
        self._changed = Condition()
        self.begun = self.open = 0

    def until_none_is_open(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: not self.open, timeout=PATIENCE_S)

    @contextmanager
    def transaction(self) -> Iterator[ApiTransaction]:
        with self._changed:
            self.begun, self.open = self.begun + 1, self.open + 1
        try:
            with self._journal.transaction() as tx:
                yield tx
        finally:
            with self._changed:
                self.open -= 1
                self._changed.notify_all()


async def test_many_streams_read_the_journal_no_more_often_than_one(tmp_path: Path) -> None:
    counted = Counted(tmp_path)
    limits = StreamLimits(poll_s=0.02, recheck_s=0.04, each=20, total=40)
    async with service(tmp_path, stream_limits=limits, reading=counted) as made:
        key = made.key_of(AccountRole.VIEWER)

        async def reads_for(listeners: list[Listener], rounds: int) -> float:
            """Transactions for each round of events, each of which all of them hear."""
            before = counted.begun
            for number in range(rounds):
                made.note(("incident.updated", str(number)))
                heard = await asyncio.gather(*(one.event() for one in listeners))
                assert {e.data["subject"] for e in heard} == {str(number)}
            return (counted.begun - before) / rounds

        async with AsyncExitStack() as stack:
            listeners = [await stack.enter_async_context(listening(made.client, key))]
            alone = await reads_for(listeners, 10)
            for _ in range(19):
                another = listening(made.client, key)
                listeners.append(await stack.enter_async_context(another))
            assert await reads_for(listeners, 10) <= alone + 3
            # Nothing of the journal is held while all of them wait.
            await asyncio.to_thread(counted.until_none_is_open)


@pytest.mark.parametrize("extra", ["", 'proxy_http_version 1.1; proxy_set_header Connection "";'])
async def test_events_come_at_once_through_a_real_nginx(tmp_path: Path, extra: str) -> None:
    folder = tmp_path / "nginx"
    folder.mkdir()
    async with quick(tmp_path) as made:
        key = made.key_of(AccountRole.VIEWER)
        upstream = made.client.server.port
        assert upstream is not None
        with proxying_nginx(folder, upstream, extra) as port:
            async with (
                aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
                listening(session, key) as listener,
            ):
                for number in range(3):
                    made.note(("incident.updated", str(number)))
                    assert (await listener.event()).data["subject"] == str(number)
                made.tokens().revoke(key.split("_")[1])
                assert await until_end(listener) == ("end", "token.invalid")
