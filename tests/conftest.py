"""Rules for every test: nothing leaves the machine, and what was not tested is said at the end."""

from __future__ import annotations

import compileall
import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import network_block
from tests.support.contract_table import as_lines, contract_rows
from tests.support.order import mixed
from tests.support.require import other_skips, untested_by_missing

network_block.install()
# How long an example takes is the machine's: a test that is true fails for no load.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

_ROOT = Path(__file__).resolve().parents[1]
_PRODUCT = ("monitor", "probes", "statuspage", "credits")
_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders of its own in it
_ENOUGH = 4 << 30
"""Bytes. A whole run keeps some hundred megabytes, and its databases two thousand."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' folders in memory where there is room for them: on a disk half of the run's
    time is spent on waiting for commits to reach it. Keep what is compiled too, whatever the
    machine's habit: a run starts a thousand interpreters on the same files."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if not hasattr(config, "workerinput"):
        # Else each worker would compile the same files at the same time.
        for package in _PRODUCT:
            compileall.compile_dir(_ROOT / package, quiet=2)
    if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _is_roomy(_MEMORY):
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In a run with workers, which get whole files; one by hand keeps its order."""
    if not hasattr(config, "workerinput"):
        return
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.partition("::")[0], []).append(item)
    items[:] = [item for name in mixed(list(files)) for item in files[name]]


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the collector of garbage need not look at it again."""
    gc.collect()
    gc.freeze()


def _is_roomy(folder: Path) -> bool:
    """Whether files can be kept and run there."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    system = os.statvfs(folder)
    runs = not system.f_flag & os.ST_NOEXEC
    return runs and system.f_bavail * system.f_frsize >= _ENOUGH


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fail the test that reached out, even where its code took the refusal for an answer."""
    network_block.refused.clear()
    yield
    if network_block.refused:
        pytest.fail("reached beyond loopback: " + ", ".join(network_block.refused), pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """The probes' table; last lines: each missing server and what it leaves untested."""
    # Around pytest's own summary, which would otherwise come after these lines.
    yield
    done = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, [])]
    if rows := contract_rows(report.user_properties for report in done if report.when == "call"):
        terminalreporter.section("probe contract")
        for line in as_lines(rows):
            terminalreporter.write_line(line)
    reasons = [
        report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    ]
    if others := other_skips(reasons):
        terminalreporter.section("skipped")
        for reason, times in others.items():
            terminalreporter.write_line(f"{times} × {reason}")
    if missing := untested_by_missing(reasons):
        terminalreporter.section("missing on this machine")
        for what, untested in missing.items():
            line = f"{what}: leaves untested {', '.join(untested)}"
            terminalreporter.write_line(line, yellow=True)
