"""`estado watch`: what changes, here and through a door, and across a door that starts anew."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build_app
from monitor.cli.product.here_events import LocalEvents
from monitor.client.address import door_address
from monitor.client.door import Door
from monitor.client.faults import DoorError, SignInNeeded
from monitor.client.remote.events import RemoteEvents
from monitor.client.server_sent import server_sent
from monitor.client.views import Followed, Notice
from monitor.domain.refusals import Refused
from monitor.journal.ports import JournalError
from tests.cli.test_elsewhere import Side, here, stand_here, there  # noqa: F401 - fixtures
from tests.client.servers import Server, Talk, hangs_up, raw, says, serving
from tests.support.patience import PATIENCE_S

pytestmark = pytest.mark.timeout(300)

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n"
PLACE = b"id: c0\n\n"


def event(number: int, subject: str = "web-check") -> bytes:
    data = {
        "id": f"c{number}", "topic": "check", "kind": "check.down", "subject": subject,
        "at": "2026-09-20T12:00:05-03:00", "revision": None, "components": ["web"],
    }  # fmt: skip
    return f"id: c{number}\nevent: check\ndata: {json.dumps(data)}\n\n".encode()


def ended(code: str) -> bytes:
    return f'event: end\ndata: {{"code": "{code}", "detail": "it is over"}}\n\n'.encode()


async def watched(side: Side, *words: str) -> tuple[int, str, str]:
    """What is printed of changes that come as long as nothing is."""
    done = asyncio.create_task(side.types("watch", *words, "--count", "2"))
    while not done.done():
        side.made.note(("incident.updated", "k3f9a2"), ("maintenance.cancelled", "m-1"))
        await asyncio.wait({done}, timeout=0.5)
    return await done


async def test_it_prints_here_and_there_the_same(here: Side, there: Side) -> None:  # noqa: F811
    said = [await watched(one) for one in (here, there)]
    assert said[0] == said[1]
    code, out, err = said[0]
    assert (code, err) == (0, "")
    first, second = sorted(out.splitlines())
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  incident\.updated +k3f9a2", first)
    assert second.split()[2:] == ["maintenance.cancelled", "m-1"]


async def test_programs_read_an_object_a_line(here: Side, there: Side) -> None:  # noqa: F811
    found = []
    for one in (here, there):
        _, out, _ = await watched(one, "--json")
        rows = [json.loads(line) for line in out.splitlines()]
        assert len({row.pop("id") for row in rows}) == 2
        found.append(rows)
    assert found[0] == found[1]
    assert {row["kind"] for row in found[0]} == {"incident.updated", "maintenance.cancelled"}


def followed(server: Server, count: int, waits: list[float]) -> list[Followed]:
    door = Door(door_address(server.url), "estado_x")
    stream = RemoteEvents(door, wait=waits.append).follow()
    return [next(stream) for _ in range(count)]


def test_it_goes_on_behind_the_last_event_and_says_once_that_it_was_cut_off() -> None:
    waits: list[float] = []
    talks: list[Talk] = [
        raw(HEAD + PLACE + event(1)), hangs_up, hangs_up, says(b"", "502 Bad Gateway", "text/html"),
        raw(HEAD + b"id: c1\n\n" + event(2)),
    ]  # fmt: skip
    with serving(*talks) as server:
        first, lost, back, second = followed(server, 4, waits)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["id"], second["id"]) == ("c1", "c2")
    assert isinstance(lost, Notice)
    assert "hung up; going on once it is back" in lost.words
    assert back == Notice("connected again")
    assert b"Last-Event-ID" not in server.requests[0]
    assert all(b"Last-Event-ID: c1\r\n" in sent for sent in server.requests[1:])
    assert waits == [3.0, 6.0, 12.0, 24.0]


def test_it_never_asks_more_often_than_a_door_bears() -> None:
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 9:
            raise KeyboardInterrupt

    with serving(raw(HEAD + PLACE), hangs_up) as server:
        door = Door(door_address(server.url), "estado_x")
        with pytest.raises(KeyboardInterrupt):
            list(RemoteEvents(door, wait=wait).follow())
    assert waits[-5:] == [30.0] * 5


@pytest.mark.parametrize("code", ["events.closing", "events.slow"])
def test_a_door_that_ends_or_was_not_read_fast_enough_is_asked_again(code: str) -> None:
    talks = [raw(HEAD + PLACE + ended(code)), raw(HEAD + PLACE + event(1))]
    with serving(*talks) as server:
        lost, back, found = followed(server, 3, [])
    assert isinstance(lost, Notice)
    assert "it is over" in lost.words
    assert back == Notice("connected again")
    assert not isinstance(found, Notice)


def test_what_is_not_kept_is_said() -> None:
    reset = b'event: reset\ndata: {"code": "events.gone", "detail": "x"}\n\n'
    with serving(raw(HEAD + PLACE + reset + event(1))) as server:
        notice, found = followed(server, 2, [])
    assert isinstance(notice, Notice)
    assert "not all that happened" in notice.words
    assert not isinstance(found, Notice)


@pytest.mark.parametrize(
    ("stream", "raised"),
    [(ended("session.over"), SignInNeeded), (ended("scope.missing"), Refused),
     (b"data: [\n\n", DoorError), (b"id: \xff\n\n", DoorError), (b"x" * 1_000_001, DoorError)],
    ids=["session over", "scope gone", "no JSON", "no UTF-8", "no end"],
)  # fmt: skip
def test_what_does_not_pass_ends_it(stream: bytes, raised: type[Exception]) -> None:
    with serving(raw(HEAD + PLACE + stream)) as server, pytest.raises(raised):
        followed(server, 1, [])


@pytest.mark.parametrize(
    ("talk", "code"),
    [(hangs_up, 69), (says(b"<html>", media="text/html"), 69),
     (says(b'{"code": "session.over", "detail": "x"}', "401 Unauthorized",
           "application/problem+json"), 77),
     (says(b'{"code": "events.full", "detail": "x", "fields": {"seconds": 5}}',
           "503 Service Unavailable", "application/problem+json"), 75)],
    ids=["hangs up", "another", "session over", "full"],
)  # fmt: skip
def test_a_door_that_cannot_be_followed_at_first_is_told_as_by_other_commands(
    talk: Talk, code: int
) -> None:
    with serving(talk) as server:
        env = {"ESTADO_URL": server.url, "ESTADO_TOKEN": "estado_x"}
        done = CliRunner(env=env).invoke(build_app(["watch"]), ["watch"])
    assert (done.exit_code, done.stdout) == (code, "")
    assert len(done.stderr.splitlines()) == 1


def test_a_terminal_does_nothing_that_an_event_says() -> None:
    with serving(raw(HEAD + PLACE + event(1, "\x1b[2J[red]x\u202e"))) as server:
        env = {"ESTADO_URL": server.url, "ESTADO_TOKEN": "estado_x"}
        words = ["watch", "--count", "1"]
        done = CliRunner(env=env).invoke(build_app(words), words)
    assert done.exit_code == 0
    assert "\x1b" not in done.stdout
    assert "[red]x" in done.stdout


@pytest.mark.parametrize("place", ["in a stream", "between two tries"])
def test_it_ends_cleanly_by_ctrl_c(place: str, tmp_path: Path) -> None:
    def talk(opened: socket.socket) -> None:
        opened.sendall(HEAD + PLACE + event(1))
        if place == "in a stream":
            opened.recv(1)

    with serving(talk) as server:
        env = {**os.environ, "ESTADO_URL": server.url, "ESTADO_TOKEN": "estado_x"}
        with subprocess.Popen(
            [sys.executable, "-m", "monitor.cli", "watch"], env=env, text=True, cwd=tmp_path,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as running:  # fmt: skip
            assert running.stdout is not None
            assert running.stderr is not None
            assert "check.down" in running.stdout.readline()
            if place != "in a stream":
                assert "going on once it is back" in running.stderr.readline()
            running.send_signal(signal.SIGINT)
            _, err = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, err.strip()) == (0, "")


async def test_a_journal_that_is_away_for_a_while_is_said_once(
    tmp_path: Path,
    here: Side,  # noqa: F811
) -> None:
    with here.opened() as product:
        events = LocalEvents(product._tools, wait=lambda _: None)
        stream = events.follow()
        real, tries = events._feed.follow, 0

        def follow() -> None:
            nonlocal tries
            tries += 1
            if tries in (2, 3):
                raise JournalError("it is held")
            if tries == 4:
                here.made.note(("incident.updated", "k3f9a2"))
            real()

        events._feed.follow = follow  # type: ignore[method-assign]
        found = [next(stream) for _ in range(3)]
    assert found[:2] == [
        Notice("the journal: it is held; going on once it can be read"),
        Notice("the journal is read again"),
    ]
    assert not isinstance(found[2], Notice)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blocks_are_read_as_the_standard_has_them(end: str) -> None:
    lines = [": alive", "id: 1", "event:check", "data: {}", "", "", "retry: 3", "", "id: 9"]
    found = list(server_sent(f"{line}{end}".encode() for line in lines))
    assert [(one.id, one.name, one.data) for one in found] == [("1", "check", "{}"), ("", "", "")]
