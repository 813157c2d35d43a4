"""`estado probe CHECK`: a check of the configuration, run here and through a door alike."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.api.probing import EACH_MINUTE, MOST_S
from monitor.cli import build_app
from monitor.domain.accounts.permissions import Scope
from monitor.domain.catalogue import Catalogue, Check, Operations
from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.secret import Secret
from monitor.roles.console.probe_runner import ProbeProcesses
from probes.http.spec import HttpSpec
from tests.api.test_probe_now import check, target
from tests.cli.test_elsewhere import Side, side, stand_here
from tests.client.servers import says, serving
from tests.support.worlds import DNS, MAIL, WEB, catalogue

pytestmark = pytest.mark.timeout(300)


def watching(port: int) -> Catalogue:
    """What answers as it should, what does not, and what cannot even be asked."""
    url = f"http://127.0.0.1:{port}/"
    missing = {"X-Key": Secret("${NOT_SET_ANYWHERE}")}
    return replace(
        catalogue(),
        checks=(
            check(WEB, HttpSpec(url=url)),
            check(DNS, HttpSpec(url=url, expect_body="adiós")),
            check(MAIL, HttpSpec(url=url, secret_headers=missing)),
        ),
    )


@asynccontextmanager
async def both(
    folder: Path, monkeypatch: pytest.MonkeyPatch, known: Catalogue
) -> AsyncIterator[tuple[Side, Side]]:
    async with (
        side(folder / "here", is_remote=False, known=known) as here,
        side(folder / "there", is_remote=True, known=known) as there,
    ):
        stand_here(here, monkeypatch)
        yield here, there


def masked(said: tuple[int, str, str]) -> tuple[int, str, str]:
    """Without what a run took, which is by chance."""
    code, out, err = said
    return code, re.sub(r"[ ▇]+", " ", re.sub(r"\d+\.\d+", "#", out)).replace(" \n", "\n"), err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("probe", "web-check"), 0, "UP http web-check"),
        (("probe", "check", "web-check"), 0, "UP http web-check"),
        (("probe", "web-check", "--json"), 0, '"outcome": "up"'),
        (("probe", "dns-check"), 2, "body_mismatch"),
        (("probe", "dns-check", "--json"), 2, '"failure": "body_mismatch"'),
        (("probe", "mail-check"), 3, "UNKNOWN http mail-check"),
        (("probe", "web-chek"), 3, "did you mean web-check?"),
        (("probe", "gopher"), 3, "gopher"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
async def test_it_says_here_and_there_what_the_check_sees(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    async with target() as at, both(tmp_path, monkeypatch, watching(at.port)) as sides:
        here, there = [masked(await one.types(*words)) for one in sides]
    assert here == there
    assert here[0] == code
    assert told in "".join(here[1:])


async def test_a_failure_is_shown_with_its_phases_its_cause_and_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with target() as at, both(tmp_path, monkeypatch, watching(at.port)) as sides:
        for one in sides:
            _, out, _ = await one.types("probe", "dns-check")
            for part in ("Cause: ", "Remedy: ", "connect", "total", "address"):
                assert part in out


async def test_programs_read_what_the_api_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with target() as at, both(tmp_path, monkeypatch, watching(at.port)) as sides:
        for one in sides:
            _, out, _ = await one.types("probe", "web-check", "--json")
            answer = await one.made.ask("POST", "/checks/web-check/probe", key=one.key)
            assert list(json.loads(out)) == list(answer.json)
            assert out.count("\n") == 1


async def test_a_run_stands_in_the_audit_log_and_names_who_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with target() as at, both(tmp_path, monkeypatch, watching(at.port)) as sides:
        for one in sides:
            await one.types("probe", "web-check")
            done = one.made.changes()[-1]
            assert (done.kind, done.subject, done.actor) == ("check.probed", "web-check", "ana")
        assert len(at.requests) == 2


async def test_a_run_here_has_the_guard_and_the_bounds_that_one_at_a_door_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[Check, Catalogue, float]] = []

    class Recorder(ProbeProcesses):
        async def run(self, check: Check, catalogue: Catalogue, timeout_s: float) -> Observation:
            given.append((check, catalogue, timeout_s))
            return Observation(outcome=Outcome.UP)

    monkeypatch.setattr("monitor.cli.probe.here.ProbeProcesses", Recorder)
    slow = check(WEB, HttpSpec(url="http://127.0.0.1:1/"), timeout_s=300)
    known = replace(
        watching(1), checks=(slow,), operations=Operations(allow_private=("10.9.8.0/24",))
    )
    async with side(tmp_path / "here", is_remote=False, known=known) as here:
        stand_here(here, monkeypatch)
        assert (await here.types("probe", "web-check"))[0] == 0
    ((ran, under, timeout_s),) = given
    assert (ran.id, under.operations.allow_private, timeout_s) == (
        "web-check", ("10.9.8.0/24",), MOST_S,
    )  # fmt: skip


async def test_a_refusal_is_never_taken_for_a_target_that_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with target() as at, both(tmp_path, monkeypatch, watching(at.port)) as (_, there):
        there.key = there.made.token("ana", Scope.STATE_READ)
        assert await there.types("probe", "web-check") == (
            3, "", "the scope probe:run is missing\n",
        )  # fmt: skip
        there.key = there.made.token("ana", Scope.PROBE_RUN)
        for _ in range(EACH_MINUTE):
            assert (await there.types("probe", "web-check"))[0] == 0
        code, out, err = await there.types("probe", "web-check")
        assert (code, out) == (75, "")
        assert "at most 10 requests in 60 s" in err
        there.key = "nothing"
        assert (await there.types("probe", "web-check"))[0] == 77


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"kind": "http", "outcome": "up", "failure": "x"}', 69),
        (b'{"kind": "http", "outcome": "up", "failure": null, "message": "", "evidence": {}, '
         b'"phases_ms": {"connect": "soon"}}', 69),
        (b'{"kind": "of_tomorrow", "outcome": "down", "failure": "odd", "message": "\\u001b[2J", '
         b'"evidence": {}, "phases_ms": {}}', 2),
    ],
)  # fmt: skip
def test_what_a_door_of_another_version_says_is_shown_or_told_plainly(
    body: bytes, code: int
) -> None:
    words = ["probe", "web-check"]
    with serving(says(body)) as server:
        env = {"ESTADO_URL": server.url, "ESTADO_TOKEN": "estado_x"}
        done = CliRunner(env=env).invoke(build_app(words), words)
    assert done.exit_code == code, done.output
    assert "\x1b" not in done.output


def test_no_journal_and_a_file_that_is_wrong_are_no_outage(tmp_path: Path) -> None:
    for words in (
        ["probe", "web-check", "-d", str(tmp_path)],
        ["probe", "web-check", "-c", str(tmp_path / "nothing.yaml")],
    ):
        done = CliRunner().invoke(build_app(words), words)
        assert (done.exit_code, done.stdout) == (3, "")
        assert done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--url", "http://127.0.0.1:1", "probe", "tcp", "127.0.0.1:1"],
        ["probe", "tcp", "127.0.0.1:1", "--url", "http://127.0.0.1:1"],
    ],
    ids=" ".join,
)
async def test_no_target_is_typed_to_a_door(words: list[str]) -> None:
    done = await asyncio.to_thread(CliRunner().invoke, build_app(words), words)
    assert done.exit_code == 3
    assert "host alone" in done.stderr or "No such option" in done.stderr
