"""`estado probe` as somebody types it: exit codes, JSON, transcript, errors that teach."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
import typer
from typer.testing import CliRunner, Result

from monitor.cli.probe.command import register
from monitor.cli.probe.settings import read_specification
from probes.registry import PROBES
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nX-Odd: red\r\n\r\nhola \x1b[31mred"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server in a thread: the command runs a loop of its own."""
    ready, stop = threading.Event(), asyncio.Event()
    ports: list[int] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(ANSWER)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        loops.append(asyncio.get_running_loop())
        ready.set()
        async with server:
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    ready.wait(PATIENCE_S)
    yield f"http://127.0.0.1:{ports[0]}/"
    loops[0].call_soon_threadsafe(stop.set)
    thread.join(PATIENCE_S)


def probe(*words: str, **environment: str) -> Result:
    app = typer.Typer()
    register(app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, ["probe", *words], env={"COLUMNS": "200", **environment})


def test_it_exits_as_monitoring_plugins_do(url: str) -> None:
    (closed,) = free_ports(1)
    missing = ["--set", "secret_headers.X-Key=${NOT_SET_ANYWHERE}"]
    assert probe("http", url).exit_code == 0
    assert probe("http", f"http://127.0.0.1:{closed}/").exit_code == 2
    assert probe("http", url, *missing).exit_code == 3


def test_it_prints_one_object_for_programs(url: str) -> None:
    seen = json.loads(probe("http", url, "--json", "--set", "expect_status=404").stdout)
    assert list(seen) == ["outcome", "failure", "message", "phases_ms", "evidence"]
    assert (seen["outcome"], seen["failure"]) == ("down", "status_mismatch")
    assert list(seen["phases_ms"]) == ["connect", "processing", "transfer"]
    assert json.loads(probe("http", url, "--json").stdout)["failure"] is None


def test_it_shows_phases_and_cause_without_colour_in_a_pipe(url: str) -> None:
    shown = probe("http", url, "--set", "expect_body=adiós").stdout
    assert "DOWN  http" in shown
    assert "body_mismatch" in shown
    assert "processing" in shown
    assert "Remedy: " in shown
    assert "\x1b" not in shown


def test_it_shows_the_wire_with_secrets_masked_and_nothing_a_terminal_acts_on(url: str) -> None:
    words = ["--transcript", "--set", "username=u", "--set", "password=${PW}"]
    shown = probe("http", url, *words, PW="hunter2").stdout
    assert "> Authorization: Basic ***" in shown
    assert "< HTTP/1.1 200 OK" in shown
    assert r"< hola \x1b[31mred" in shown
    assert "\x1b" not in shown
    assert "hunter2" not in shown


def test_it_keeps_the_transcript_out_of_the_json(url: str) -> None:
    done = probe("http", url, "--json", "--transcript")
    assert json.loads(done.stdout)["outcome"] == "up"
    assert "> GET / HTTP/1.1" in done.stderr


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ("expct_body=x", "http has no setting 'expct_body'; did you mean expect_body?"),
        ("zzzzzz=x", "http has no setting 'zzzzzz'; see estado probe http --help"),
        ("expect_body", "want key=value, got 'expect_body'"),
        ("headers=x", "want headers.NAME=value, got 'headers=x'"),
        ("method.a=x", "want method=value, got 'method.a=x'"),
        ("max_bytes=many", "max_bytes: Input should be a valid integer"),
        ("family=5", "family: Input should be '4', '6' or 'any'"),
        ("timeout=soon", "timeout: want seconds, got 'soon'"),
    ],
)
def test_it_says_what_is_wrong_with_a_setting(url: str, settings: str, wanted: str) -> None:
    done = probe("http", url, "--set", settings)
    assert done.exit_code == 3
    assert wanted in done.stderr


def test_it_reports_every_wrong_setting_at_once_and_echoes_no_secret(url: str) -> None:
    done = probe("http", url, *("--set", "password=hunter2"), *("--set", "max_bytes=x"))
    assert len(done.stderr.splitlines()) == 2
    assert "hunter2" not in done.output


def test_it_refuses_a_target_that_is_none() -> None:
    done = probe("http", "ftp://example.org/")
    assert (done.exit_code, done.stderr) == (
        3,
        "target: want http:// or https://, got 'ftp://example.org/'\n",
    )


def test_it_reads_lists_mappings_and_numbers(url: str) -> None:
    settings = ["expect_status=200,301-303", "headers.X-A=1", "expect_header.x-odd=red"]
    words = [word for setting in (*settings, "timeout=3s") for word in ("--set", setting)]
    assert probe("http", url, *words).exit_code == 0


def test_it_teaches_the_settings_of_a_kind() -> None:
    shown = " ".join(probe("http", "--help").stdout.split())
    assert "expect_status: statuses and ranges (default 200-299)" in shown
    assert "estado probe http https://" in shown
    assert "http" in probe("--help").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("gopher", "host:70"),
        ("http",),
        ("http", "http://127.0.0.1/", "--no-such-option"),
        ("http", "http://127.0.0.1/", "--timeout", "soon"),
        ("--no-such-option",),
        ("http", "no target at all"),
    ],
    ids=" ".join,
)
def test_what_is_typed_wrongly_is_never_taken_for_a_target_that_is_down(
    words: tuple[str, ...],
) -> None:
    done = probe(*words)
    assert done.exit_code == 3
    assert done.stderr


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("a, b", ("a", "b")),
        ('["v=DMARC1; rua=mailto:a@b.test,mailto:c@b.test"]', None),
        ("[::1],[::2]", ("[::1]", "[::2]")),
    ],
)
def test_a_value_that_holds_a_comma_is_written_as_a_json_list(
    written: str, values: tuple[str, ...] | None
) -> None:
    wanted = values or tuple(json.loads(written))
    target, setting = "dns:///radio.test?type=TXT", f"expect={written}"
    assert read_specification(PROBES["dns"], target, [setting]).expect == wanted
