"""A check run on demand: as configured and no otherwise, bounded, and without a trace but one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from monitor.api.ports import ProbeRunner
from monitor.api.probing import AT_ONCE, EACH_MINUTE
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.catalogue import Catalogue, Check, Operations
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import CheckId, ComponentId, Observation, Outcome
from monitor.domain.secret import Secret
from monitor.net.errors import ProbeFailure
from monitor.roles.console.probe_runner import ProbeProcesses
from monitor.roles.prober import probe_process
from probes.http.spec import HttpSpec
from tests.api.service import Service, service
from tests.support.patience import PATIENCE_S
from tests.support.worlds import DNS, MAIL, WEB, World, catalogue

SECRET = "hunter2-and-more"


@dataclass(slots=True)
class Target:
    """An HTTP server that keeps what it was sent, and sends the headers back in a header."""

    port: int = 0
    requests: list[str] = field(default_factory=list)
    location: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.requests.append(head)
            lines = head.split("\r\n")
            key = next((v for n, _, v in (li.partition(": ") for li in lines) if n == "X-Key"), "")
            status = f"302 Found\r\nLocation: {self.location}" if self.location else "200 OK"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Length: 4\r\nX-Seen: {key}\r\n\r\nhola".encode()
            )
        writer.close()


@asynccontextmanager
async def target() -> AsyncIterator[Target]:
    made = Target()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def check(component: ComponentId, spec: object, timeout_s: float = 10) -> Check:
    return Check(
        id=CheckId(f"{component}-check"), component=component, kind="http", spec=spec,
        policy=Policy(interval=60, max_gap=120), timeout_s=timeout_s,
    )  # fmt: skip


def watching(port: int, **settings: Any) -> Catalogue:
    spec = HttpSpec(url=f"http://127.0.0.1:{port}/", **settings)
    return replace(catalogue(), checks=tuple(check(c, spec) for c in (WEB, DNS, MAIL)))


@asynccontextmanager
async def probing(
    folder: Path, port: int, runner: ProbeRunner | None = None, **settings: Any
) -> AsyncIterator[Service]:
    made = watching(port, **settings)
    async with service(folder, catalogue=made, probe_runner=runner) as opened:
        yield opened


async def test_it_answers_with_what_the_configured_check_sees(tmp_path: Path) -> None:
    async with target() as at, probing(tmp_path, at.port) as made:
        key = made.key_of(AccountRole.OPERATOR)
        answer = await made.ask("POST", "/checks/web-check/probe", key=key)
        assert answer.status == 200, answer.text
        seen = answer.json
        assert (seen["check"], seen["component"], seen["kind"]) == ("web-check", "web", "http")
        assert (seen["outcome"], seen["failure"], seen["timeout_s"]) == ("up", None, 10)
        assert seen["phases_ms"].keys() >= {"connect"}
        assert seen["total_ms"] == pytest.approx(sum(seen["phases_ms"].values()))
        assert seen["evidence"]["address"] == "127.0.0.1"
        assert len(at.requests) == 1


async def test_a_target_that_is_down_is_an_answer_and_no_error(tmp_path: Path) -> None:
    async with target() as at:
        port = at.port
    async with probing(tmp_path, port) as made:
        answer = await made.ask(
            "POST", "/checks/web-check/probe", key=made.key_of(AccountRole.OPERATOR)
        )
        assert (answer.status, answer.json["outcome"], answer.json["failure"]) == (
            200, "down", "conn_refused",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("", {"url": "http://127.0.0.1:1/"}, {}),
        ("", {"headers": {"X-Evil": "1"}}, {}),
        ("", {"timeout_s": 600}, {}),
        ("?target=http://127.0.0.1:1/", None, {}),
        ("?url=x", None, {}),
    ],
)
async def test_nothing_of_a_request_says_where_to_or_what(
    tmp_path: Path, path: str, body: object, headers: dict[str, str]
) -> None:
    async with target() as at, probing(tmp_path, at.port) as made:
        key = made.key_of(AccountRole.ADMIN)
        answer = await made.ask("POST", f"/checks/web-check/probe{path}", key=key, body=body)
        assert (answer.status, answer.code) == (422, "request.invalid")
        assert at.requests == []


async def test_the_target_hears_what_the_prober_would_say_and_no_header_of_the_client(
    tmp_path: Path,
) -> None:
    async with target() as at, probing(tmp_path, at.port) as made:
        key = made.key_of(AccountRole.ADMIN)
        await made.ask(
            "POST", "/checks/web-check/probe", key=key, Host="evil.example", X_Evil="1",
            User_Agent="evil", Cookie="evil=1", X_Forwarded_For="192.0.2.9",
        )  # fmt: skip
        (sent,) = at.requests
        assert "evil" not in sent.lower()
        assert key not in sent
        assert f"Host: 127.0.0.1:{at.port}" in sent


async def test_a_secret_is_read_in_the_process_alone_and_stands_in_no_answer(
    tmp_path: Path,
) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    async with target() as at:
        headers = {"X-Key": Secret(f"file:{file}")}
        async with probing(tmp_path, at.port, secret_headers=headers) as made:
            answer = await made.ask(
                "POST", "/checks/web-check/probe", key=made.key_of(AccountRole.OPERATOR)
            )
            assert f"X-Key: {SECRET}" in at.requests[0]
            assert answer.json["outcome"] == "up"
            assert SECRET not in answer.text
            file.unlink()
            answer = await made.ask(
                "POST", "/checks/dns-check/probe", key=made.token("operator", Scope.PROBE_RUN)
            )
            assert (answer.json["outcome"], answer.json["failure"]) == ("unknown", "probe_error")


async def test_the_process_guards_as_the_prober_does(tmp_path: Path) -> None:
    """With the exceptions of the configuration that is in force, and no others."""
    made = replace(watching(9), operations=Operations(allow_private=("10.9.8.0/24",)))
    given = await handed_over(made)
    assert given["allow_private"] == ["10.9.8.0/24"]
    transport = probe_process.transport_of(given)
    transport.guard.check("10.9.8.7", "192.0.2.1")
    for inside in ("10.9.9.1", "127.0.0.1", "169.254.169.254", "::1"):
        with pytest.raises(ProbeFailure):
            transport.guard.check(inside, "192.0.2.1")


async def handed_over(made: Catalogue) -> Any:
    """What the process is given for a check: its standard input."""
    echo = (
        sys.executable, "-c",
        "import sys, json; g = json.load(sys.stdin); print(json.dumps({'outcome': 'up', "
        "'failure': None, 'message': '', 'phases_ms': {}, 'evidence': {'given': g}}))",
    )  # fmt: skip
    seen = await ProbeProcesses(echo).run(made.checks[0], made, 5)
    return seen.evidence["given"]


async def test_what_belongs_to_others_is_as_unknown_as_what_is_not_there(tmp_path: Path) -> None:
    async with target() as at, probing(tmp_path, at.port) as made:
        key = made.key_of(AccountRole.OPERATOR, services=("mail",))
        answers = [
            await made.ask("POST", f"/checks/{name}/probe", key=key)
            for name in ("web-check", "xxx-check")
        ]
        assert [(a.status, a.code) for a in answers] == [(404, "name.unknown")] * 2
        assert [a.json["fields"]["known"] for a in answers] == [["mail-check"]] * 2
        assert at.requests == []
        assert (await made.ask("POST", "/checks/mail-check/probe", key=key)).status == 200


async def test_it_leaves_one_line_in_the_audit_log_and_nothing_else(tmp_path: Path) -> None:
    async with target() as at, probing(tmp_path, at.port) as made:
        key = made.key_of(AccountRole.OPERATOR)
        made.fall("web")
        before, rows = made.changes(), whole(made.world)
        assert (await made.ask("POST", "/checks/web-check/probe", key=key)).status == 200
        (line,) = made.changes()[len(before) :]
        assert (line.kind, line.subject, line.actor, line.via) == (
            "check.probed", "web-check", "operator", "api",
        )  # fmt: skip
        assert line.address == "127.0.0.1"
        assert line.token == key.split("_")[1]
        assert whole(made.world) == rows
        assert not made.log_file.exists()
        events = await made.ask("GET", "/events", key=key)
        assert "check.probed" not in events.text


def whole(world: World) -> object:
    """All that states, incidents and figures are made of."""
    with world.journal.transaction() as tx:
        return (
            tx.folds.states(), tx.folds.cursor(), tx.transitions.newest(),
            tx.incidents.unresolved(), tx.outbox.counts(),
        )  # fmt: skip


class Waiting:
    """A runner that waits until it is let go."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.begun = asyncio.Semaphore(0)

    async def run(self, check: Check, catalogue: Catalogue, timeout_s: float) -> Observation:
        self.begun.release()
        await self.go.wait()
        return Observation(outcome=Outcome.UP)


def many() -> Catalogue:
    checks = tuple(
        replace(check(WEB, HttpSpec(url="http://127.0.0.1/")), id=CheckId(f"c{n}"))
        for n in range(20)
    )
    return replace(catalogue(), checks=checks)


async def test_a_check_runs_once_at_a_time_and_few_of_all_do(tmp_path: Path) -> None:
    runner = Waiting()
    async with service(tmp_path, catalogue=many(), probe_runner=runner) as made:
        key = made.key_of(AccountRole.OPERATOR)
        async with asyncio.TaskGroup() as group:
            running = [
                group.create_task(made.ask("POST", f"/checks/c{n}/probe", key=key))
                for n in range(AT_ONCE)
            ]
            async with asyncio.timeout(PATIENCE_S):
                for _ in running:
                    await runner.begun.acquire()
            twice = await made.ask("POST", "/checks/c0/probe", key=key)
            assert (twice.status, twice.code) == (409, "probe.running")
            one_more = await made.ask("POST", "/checks/c9/probe", key=key)
            assert (one_more.status, one_more.code) == (503, "probe.full")
            assert {a.headers["Retry-After"] for a in (twice, one_more)} == {"5"}
            # Other requests have their threads meanwhile.
            assert (await made.ask("GET", "/session", key=key)).status == 200
            runner.go.set()
        assert [task.result().status for task in running] == [200] * AT_ONCE
        assert (await made.ask("POST", "/checks/c9/probe", key=key)).status == 200


async def test_an_account_may_so_often_a_minute_by_all_its_keys(tmp_path: Path) -> None:
    runner = Waiting()
    runner.go.set()
    async with service(tmp_path, catalogue=many(), probe_runner=runner) as made:
        keys = [made.key_of(AccountRole.OPERATOR), made.token("operator", Scope.PROBE_RUN)]
        for number in range(EACH_MINUTE):
            answer = await made.ask("POST", f"/checks/c{number}/probe", key=keys[number % 2])
            assert answer.status == 200
        for key in keys:
            answer = await made.ask("POST", "/checks/c1/probe", key=key)
            assert (answer.status, answer.code) == (429, "request.too_many")
        other = made.key_of(AccountRole.ADMIN)
        assert (await made.ask("POST", "/checks/c1/probe", key=other)).status == 200
        made.world.clock.advance(60)
        assert (await made.ask("POST", "/checks/c1/probe", key=keys[0])).status == 200


def program(text: str) -> tuple[str, ...]:
    return sys.executable, "-c", text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)", "within 0.5"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", "within 0.5"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "-9"),
        ("raise SystemExit(3)", "3"),
        ("print('[]')", "no observation"),
        ('print(\'{"outcome": "up"}\')', "no observation"),
        ("while True: print('x' * 10_000)", "more than 1000000 bytes"),
    ],
)
async def test_a_process_that_hangs_dies_or_raves_is_ended_reaped_and_told(
    tmp_path: Path, text: str, why: str
) -> None:
    runner = ProbeProcesses(program(text), start_s=0.5 if "0.5" in why else 20)
    made, before = many(), children()
    async with service(tmp_path, catalogue=replace(made, checks=(replace(
        made.checks[0], timeout_s=0.0),)), probe_runner=runner) as opened:  # fmt: skip
        key = opened.key_of(AccountRole.OPERATOR)
        answer = await opened.ask("POST", "/checks/c0/probe", key=key)
        assert (answer.status, answer.code) == (503, "probe.failed")
        assert why in answer.json["detail"]
        assert children() == before
        # The permit is free again.
        again = await opened.ask("POST", "/checks/c0/probe", key=key)
        assert again.code == "probe.failed"


async def test_whoever_gives_up_leaves_no_process_behind(tmp_path: Path) -> None:
    made, begun, before = many(), tmp_path / "begun", children()
    runner = ProbeProcesses(
        program(f"import time; open({str(begun)!r}, 'w').close(); time.sleep(600)")
    )
    task = asyncio.create_task(runner.run(made.checks[0], made, 60))
    await asyncio.to_thread(until_it_is_there, begun)
    assert len(children()) == len(before) + 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert children() == before


def until_it_is_there(file: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def children() -> list[str]:
    """The processes of this one that are there, dead ones that nobody reaped among them; a server
    that other tests of the session talk to is one too."""
    text = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text("ascii")
    return text.split()


async def test_it_takes_no_more_memory_than_it_is_given() -> None:
    """The bound is the process's own: what a probe may not have is a failure of its own."""
    text = (
        "from monitor.roles.prober import probe_process as p; import json\n"
        "p._bound()\n"
        "try: bytearray(2**31); got = 'all'\n"
        "except MemoryError: got = 'none'\n"
        "print(json.dumps({'outcome': 'up', 'failure': None, 'message': got, 'phases_ms': {}, "
        "'evidence': {}}))"
    )
    made = many()
    seen = await ProbeProcesses(program(text)).run(made.checks[0], made, 20)
    assert seen.message == "none"


async def test_what_it_says_is_what_a_program_reads(tmp_path: Path) -> None:
    """A target's escape sequences stay within the JSON."""
    text = json.dumps(
        {
            "outcome": "down", "failure": "conn_refused", "message": "\x1b[31m\udc80",
            "phases_ms": {}, "evidence": {"a": ["\x00"]},
        }
    )  # fmt: skip
    runner = ProbeProcesses(program(f"print({text!r})"))
    async with service(tmp_path, catalogue=many(), probe_runner=runner) as made:
        answer = await made.ask("POST", "/checks/c0/probe", key=made.key_of(AccountRole.OPERATOR))
        assert answer.status == 200, answer.text
        assert "\x1b" not in answer.text
