"""The store's role where its store cannot be opened, and where one of its duties fails."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from monitor.catalogues.file import write_catalogues
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, Store
from monitor.domain.time.interval import Second
from monitor.results.forwarding import forwarder as ship
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.log.file import WriterLock
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.pruning_hold import QuietFile
from monitor.results.log.result_log import open_log
from monitor.results.log.retention import QUIET_S, Retention
from monitor.results.rollups import follower as window_follower
from monitor.results.rollups.follower import RollupFollower
from monitor.results.stores.ports import StoreMetrics
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.settings import catalogue_file, follower_file
from monitor.roles.store import role as store
from monitor.roles.store.choice import Chosen
from monitor.roles.store.filling import Source, StoreSession, paused_metrics
from monitor.roles.store.role import StoreRole
from monitor.runtime.system_clock import SystemClock
from tests.results.samples import some_results
from tests.support.catalogues import a_revision
from tests.support.clock import FakeClock
from tests.support.patience import PATIENCE_S

WANTS = "the variable INFLUX_TOKEN is not set"


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Source]:
    """Ten results in the log; four are in the store, seven in the latencies."""
    log = open_log(tmp_path / "results.db")
    log.append(some_results(0, 10), {})
    log.close()
    made = Source(
        log=SqliteResultLookup(tmp_path / "results.db"),
        follower_state=FollowerState(tmp_path / "store.db"),
        clock=SystemClock(),
        started_at=Second(0),
        retention=Retention(SystemClock(), None, QuietFile(tmp_path / "store.quiet")),
    )
    made.follower_state.advance(ship.READER, 4)
    made.follower_state.advance(window_follower.READER, 7)
    yield made
    made.follower_state.close()
    made.log.close()


def of_kind(kind: str) -> Catalogue:
    return replace(a_revision([]).catalogue, store=Store(kind=kind))


def test_what_a_store_lacks_that_cannot_be_opened_is_counted(source: Source) -> None:
    figures = paused_metrics(source, of_kind("influx"), WANTS)
    assert (figures.lag_rows, figures.oldest_unstored) == (6, some_results(4, 1)[0].slot)
    assert (figures.windows_lag_rows, figures.paused) == (3, WANTS)


def test_the_embedded_store_lacks_no_result(source: Source) -> None:
    figures = paused_metrics(source, of_kind("sqlite"), WANTS)
    assert (figures.lag_rows, figures.oldest_unstored, figures.windows_lag_rows) == (0, None, 3)


@pytest.mark.parametrize("leap_days", [0, 400])
def test_no_latency_is_dropped_on_the_word_of_a_clock_that_leapt(
    source: Source, leap_days: int, tmp_path: Path
) -> None:
    """`forget` is told the first moments that are kept."""
    asked: list[dict[str, Second]] = []
    clock = FakeClock()
    leapt = replace(
        source, clock=clock, retention=Retention(clock, clock.now(), QuietFile(tmp_path / "q"))
    )
    windows = SimpleNamespace(forget=lambda **kept: asked.append(kept))
    catalogue = of_kind("sqlite")
    store = SimpleNamespace()
    chosen = Chosen.of(catalogue)
    made = StoreSession(leapt, chosen, catalogue, store, windows, last_bug="")  # type: ignore[arg-type]
    clock.step(leap_days * 86_400)
    made._forget()
    assert len(asked) == (0 if leap_days else 1)
    clock.advance(QUIET_S)
    made._forget()
    assert asked[-1]["days"] < asked[-1]["places"] < clock.now()


async def test_the_role_ends_with_its_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> None:
        raise LookupError("a bug")

    role = StoreRole(tmp_path, Catalogues([a_revision([])]))
    monkeypatch.setattr(role._history, "run", broken)
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(LookupError, match="a bug"):
            await role.run()


async def test_a_role_that_breaks_stands_by_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restarted again and again it would look well each time."""

    def broken(self: RollupFollower) -> bool:
        raise ValueError("the bytes end inside a number")

    said: list[str] = []

    def note(self: FollowerState, figures: StoreMetrics) -> None:
        said.append(figures.paused)
        if len(said) == 6:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(RollupFollower, "_absorb", broken)
    monkeypatch.setattr(FollowerState, "note", note)
    monkeypatch.setattr(store, "PAUSE_S", 0.0)
    await StoreRole(tmp_path, Catalogues([a_revision([])])).run()
    # Open again, it says what broke, until that is long ago.
    broke = said.index("the store role broke: ValueError: the bytes end inside a number")
    assert broke <= 1
    assert len(set(said[broke:])) == 1


def test_a_folder_has_one_store_role(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process of its own would set these up; here they would outlive the test.
    monkeypatch.setattr(store, "configure_logs", lambda _role: None)
    monkeypatch.setattr(os, "umask", lambda _mask: 0)
    revision = a_revision([])
    write_catalogues(catalogue_file(tmp_path), [replace(revision, text="")])
    held = WriterLock(follower_file(tmp_path))
    try:
        assert store.main(["--data-dir", str(tmp_path)]) == EXIT_CANNOT_RUN
    finally:
        held.release()
    assert "store.db is written by another process" in capsys.readouterr().err
