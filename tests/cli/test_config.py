"""`estado config` as somebody types it: exit codes, messages, the way to a running core."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from monitor.cli.config.command import register
from monitor.config.document import MAX_BYTES
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import ComponentStatus, open_incident
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from tests.architecture.tree import ROOT
from tests.support.journals import new_journal

SHIPPED = ROOT / "config" / "services.yaml"
GOOD = """\
page: {name: Estado, company: Example, url: "https://status.example/"}
timezone: UTC
services:
  - id: web
    name: Web
    components:
      - {id: site, name: Site, checks: [{id: site-tcp, probe: tcp, target: "127.0.0.1:9"}]}
"""
FAULTY = GOOD.replace("timezone: UTC", "timezome: UTC").replace("probe: tcp", "probe: tpc")
# Writes a line for each SIGHUP; the module's name in its arguments makes it look like a core.
CORE = (
    "import signal\n"
    "said = {signal.SIGHUP: 'woken', signal.SIGUSR1: 'asked'}\n"
    "signal.pthread_sigmask(signal.SIG_BLOCK, said)\n"
    "print('ready', flush=True)\n"
    "while True:\n"
    "    print(said[signal.sigwait(said)], flush=True)\n"
)
"""It takes its signals one by one: none comes between two steps of it and is waited for in vain."""


def estado(*words: str | Path) -> Result:
    app = typer.Typer()
    register(app)
    return CliRunner().invoke(app, ["config", *map(str, words)])


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "services.yaml"
    path.write_text(GOOD, "utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose journal has kept `GOOD` as its newest revision."""
    folder = tmp_path / "data"
    folder.mkdir()
    url = new_journal(folder / "journal.db")
    with open_journal(url) as journal, journal.transaction() as tx:
        tx.revisions.add(hash="a", text=GOOD, effective_from=Second(60))
    return folder


@pytest.fixture(params=["monitor.roles.core.role", "somebody.else"])
def process(request: pytest.FixtureRequest, data: Path) -> Iterator[subprocess.Popen[str]]:
    """A process whose number stands in the core's pid file."""
    argv = [sys.executable, "-c", CORE, request.param]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        (data / "core.pid").write_text(f"{running.pid}\n", "ascii")
        yield running
        running.kill()


def test_it_accepts_what_is_shipped_and_warns_on_the_side() -> None:
    result = estado("check", SHIPPED)
    assert result.exit_code == 0
    assert (
        result.stdout == f"{SHIPPED}: good: 7 services, 17 components, 7 checks, 0 alert routes\n"
    )
    assert "warning: alerts: there is no route" in result.stderr


def test_it_warns_on_the_side_of_a_key_that_has_a_better_name(tmp_path: Path) -> None:
    path = tmp_path / "older.yaml"
    path.write_text(GOOD.replace('"127.0.0.1:9"}', '"127.0.0.1:9", gate: none}'), "utf-8")
    result = estado("check", path)
    assert result.exit_code == 0
    assert "warning: gate, line 7: its name is connectivity_check now" in result.stderr


def test_it_refuses_a_faulty_file_with_every_error(tmp_path: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(FAULTY, "utf-8")
    result = estado("check", path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"{path}:1: timezone: is required",
        f"{path}:2: timezome: is no setting here; did you mean timezone?",
        f"{path}:7: services[0].components[0].checks[0].probe: is no probe here;"
        ' did you mean tcp?, got "tpc"',
        "3 errors",
    ]


def test_it_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = estado("check", tmp_path / "nothing.yaml")
    assert (result.exit_code, "No such file" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [(b"\xff\xfe", "must be UTF-8 text"), (b"#" * (MAX_BYTES + 1), "must be at most")],
)
def test_it_refuses_a_file_that_is_no_text_or_too_large(
    tmp_path: Path, content: bytes, wanted: str
) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    result = estado("check", path)
    assert result.exit_code == 2
    assert f"{path}:1: {wanted}" in result.stderr


def test_it_prints_the_schema_as_json_and_as_a_reference() -> None:
    assert json.loads(estado("schema").stdout)["properties"]["services"]["type"] == "array"
    assert estado("schema", "--markdown").stdout.startswith("## Every setting")


def test_it_leaves_a_good_file_for_the_core_to_pick_up(good: Path, data: Path) -> None:
    good.write_text(GOOD.replace("site-tcp", "site-port"), "utf-8")
    result = estado("apply", good, "--data-dir", data, "--full")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "- check site-tcp (its history stays)",
        "+ check site-port",
        f"No core is running here: it waits in {data / 'pending-config.yaml'}.",
    ]
    assert (data / "pending-config.yaml").read_text("utf-8") == good.read_text("utf-8")


def test_it_only_shows_the_difference_in_a_dry_run(good: Path, data: Path) -> None:
    good.write_text(GOOD.replace("127.0.0.1:9", "127.0.0.1:10"), "utf-8")
    result = estado("apply", good, "--data-dir", data, "--dry-run", "--full")
    assert result.stdout == "~ check site-tcp: spec.port: 9 → 10\n"
    assert not (data / "pending-config.yaml").exists()


def test_it_sums_up_by_kind_with_the_money_first(good: Path, data: Path) -> None:
    changed = GOOD.replace("site-tcp", "site-port").replace("timezone: UTC", "timezone: Asia/Tokyo")
    good.write_text(changed, "utf-8")
    result = estado("apply", good, "--data-dir", data, "--dry-run")
    assert result.stdout.splitlines() == [
        "~ timezone: UTC → Asia/Tokyo",
        "check: 1 removed (history stays), 1 added",
    ]


def test_it_warns_where_a_restart_would_read_another_file(good: Path, data: Path) -> None:
    (data / "core.config").write_text("/etc/estado/services.yaml\n", "utf-8")
    result = estado("apply", good, "--data-dir", data, "--dry-run")
    assert (
        "warning: estado run was started with /etc/estado/services.yaml: a restart reads that "
        f"file, not {good}" in result.stderr
    )
    (data / "core.config").write_text(f"{good.resolve()}\n", "utf-8")
    assert "started with" not in estado("apply", good, "-d", data, "--dry-run").stderr


@pytest.fixture
def down(data: Path) -> Path:
    """The same while the site is down."""
    component_status = ComponentStatus(
        component=ComponentId("site"), status=Outcome.DOWN, since=Second(600), cause="conn_refused"
    )
    with open_journal(f"sqlite:///{data / 'journal.db'}") as journal, journal.transaction() as tx:
        tx.incidents.save(open_incident(component_status, Second(660)).incident)
    return data


@pytest.mark.parametrize(
    ("edit", "is_told"),
    [
        (("127.0.0.1:9", "127.0.0.1:10"), True),
        (("id: site, name: Site", "id: other, name: Site"), True),
        (("name: Site", "name: The site"), False),
    ],
    ids=["looks elsewhere", "removed", "renamed"],
)
def test_it_warns_of_an_outage_that_it_would_take_out_of_sight(
    good: Path, down: Path, edit: tuple[str, str], *, is_told: bool
) -> None:
    good.write_text(GOOD.replace(*edit), "utf-8")
    result = estado("apply", good, "--data-dir", down, "--dry-run")
    said = "is open for site, which is not watched as before" in result.stderr
    assert said is is_told


def test_it_says_what_making_private_means(good: Path, data: Path) -> None:
    good.write_text(GOOD.replace("name: Site,", "name: Site, public: false,"), "utf-8")
    result = estado("apply", good, "--data-dir", data, "--dry-run")
    assert "warning: made private: site. It leaves the page" in result.stderr


def test_it_changes_nothing_for_a_faulty_file(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "faulty.yaml"
    path.write_text(FAULTY, "utf-8")
    assert estado("apply", path, "--data-dir", data).exit_code == 2
    assert not (data / "pending-config.yaml").exists()


def test_it_works_where_nothing_has_run_yet(good: Path, tmp_path: Path) -> None:
    result = estado("apply", good, "--data-dir", tmp_path / "new")
    assert result.exit_code == 0
    assert "everything is new" in result.stdout
    assert (tmp_path / "new" / "pending-config.yaml").exists()
    assert not (tmp_path / "new" / "journal.db").exists()


def test_it_wakes_the_core_and_no_stranger_with_its_number(
    good: Path, data: Path, process: subprocess.Popen[str], request: pytest.FixtureRequest
) -> None:
    result = estado("apply", good, "--data-dir", data)
    is_core = "monitor.roles.core.role" in request.node.name
    assert ("Handed to the core" in result.stdout) is is_core
    assert process.stdout is not None
    # Of two signals that wait, SIGHUP has the lower number and is handled first.
    process.send_signal(signal.SIGUSR1)
    assert process.stdout.readline() == ("woken\n" if is_core else "asked\n")
