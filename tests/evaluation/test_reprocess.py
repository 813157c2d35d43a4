"""Late results: the stretch is folded again, a new revision is written, nobody is woken."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.domain.checks.fold import FoldState, Policy
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome
from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.domain.time.interval import Interval, Second
from monitor.evaluation import reprocess as correct_module
from monitor.evaluation.dirty_days import LEAD, REFUSED
from tests.support.worlds import INTERVAL, T0, WEB, World, catalogue, look


def drawn(world: World) -> list[tuple[str, int]]:
    with world.journal.transaction() as tx:
        found = tx.transitions.drawing(Interval(Second(0), Second(world.clock.now() + 1)))
    key = next(k for k in found if k[0] == "web-check")
    return [(str(t.to), (t.effective_at - T0) // INTERVAL) for t in found[key]]


def test_results_that_come_late_fill_the_gap_that_they_left(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++        ++", dns="+" * 12, mail="+" * 12)
    assert drawn(world) == [("up", 0), ("unknown", 2), ("up", 10)]
    for minute in range(2, 10):
        mark = "-" if 4 <= minute < 8 else "+"
        world.log.add(look(WEB, Second(T0 + minute * INTERVAL), mark))
    world.clock.advance(1)
    world.core.tick()
    assert world.correct() == [("web-check", LOCAL)]
    assert drawn(world) == [("up", 0), ("down", 4), ("up", 8)]
    with world.journal.transaction() as tx:
        assert tx.incidents.unresolved() == ()
        assert not tx.folds.dirty()
        assert tx.changes.since(0, 100)[-1].kind == "timeline.corrected"


def test_a_late_result_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+++++", dns="+++++", mail="+++++")
    world.log.add(look(WEB, Second(T0 + 90), "+"))
    world.clock.advance(1)
    world.core.tick()
    assert world.correct() == []


def test_looks_after_a_correction_go_on_from_what_it_found(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++ - --", dns="+" * 7, mail="+" * 7)
    fell = drawn(world)
    world.log.add(look(WEB, Second(T0 + 4 * INTERVAL), "+"))
    world.clock.advance(1)
    world.core.tick()
    assert world.correct()
    assert drawn(world) != fell
    world.restarted()
    world.clock.advance(INTERVAL - 1)
    world.live(web="-", dns="+", mail="+")
    whole = World(_folder(tmp_path))
    whole.live(web="++ -+---", dns="+" * 8, mail="+" * 8)
    assert drawn(world) == drawn(whole)


def test_a_late_success_undoes_an_outage_backdated_into_the_day_before(tmp_path: Path) -> None:
    world = World(tmp_path)
    midnight = Second(T0 - T0 % 86_400 + 86_400)
    world.clock.advance(midnight - 3 * INTERVAL - world.clock.now())
    world.live(web="++- --+++", dns="+" * 9, mail="+" * 9)
    assert "down" in [status for status, _ in drawn(world)]
    world.log.add(look(WEB, midnight, "+"))
    world.clock.advance(1)
    world.core.tick()
    assert world.correct()
    assert "down" not in [status for status, _ in drawn(world)]


def _folder(under: Path) -> Path:
    made = under / "whole"
    made.mkdir()
    return made


HOUR, DAY = 3_600, 86_400
SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Slot = tuple[Second, str]


class Story:
    """One check's looks, of which some come late; what the journal has of it is read at the end."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)

    def log(self, looks: Iterable[Slot]) -> None:
        for slot, mark in looks:
            self.world.log.add(look(WEB, slot, mark))

    def tick(self, at: Second) -> None:
        self.world.clock.advance(max(1, at - self.world.clock.now()))
        self.world.core.tick()

    def told(self) -> tuple[list[tuple[str, int]], FoldState]:
        key = (CheckId("web-check"), LOCAL)
        return drawn(self.world), self.world.core.state.states[key]


@contextmanager
def stories(count: int) -> Iterator[list[Story]]:
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / str(n) for n in range(count)]
        for place in places:
            place.mkdir()
        yield [Story(place) for place in places]


def looks_of(spans: Sequence[tuple[int, str]]) -> list[Slot]:
    """Each span is silence of so many seconds, then a look a minute."""
    found: list[Slot] = []
    at = T0
    for silence, marks in spans:
        at = Second(at + silence)
        for mark in marks:
            found.append((at, mark))
            at = Second(at + INTERVAL)
    return found


SPANS = st.lists(
    st.tuples(
        st.sampled_from([0, 0, INTERVAL, 5 * INTERVAL, 7 * HOUR, DAY, 4 * DAY, 9 * DAY]),
        st.text(alphabet="++++---~?", min_size=1, max_size=9),
    ),
    min_size=1,
    max_size=5,
).map(lambda spans: [(0, "+"), *spans])


def in_order_and_late(
    spans: Sequence[tuple[int, str]], is_late: Sequence[bool]
) -> list[list[Slot]]:
    """All looks but for the first, which is never late: those that come in order, those that do
    not."""
    first, *rest = looks_of(spans)
    late = [slot for slot, comes_late in zip(rest, cycle(is_late), strict=False) if comes_late]
    return [[first, *(slot for slot in rest if slot not in late)], late]


@given(spans=SPANS, is_late=st.lists(st.booleans(), min_size=1, max_size=20))
@example(
    spans=[(0, "+"), (4 * DAY, "~"), (0, "+"), (0, "-"), (0, "~"), (0, "-")],
    is_late=[True, True, True, False, False],
)
@example(spans=[(0, "+"), (5 * DAY // 2, "+"), (0, "+"), (0, "+")], is_late=[True, False, False])
@example(
    spans=[(0, "+"), (0, "?~?-"), (0, "~?+~~~-"), (0, "?~?-"), (7 * HOUR, "+")],
    is_late=[False, False, True, True],
)
@SETTINGS
def test_what_comes_late_leaves_what_would_have_been_in_order(
    spans: list[tuple[int, str]], is_late: list[bool]
) -> None:
    on_time, late = in_order_and_late(spans, is_late)
    end = Second(looks_of(spans)[-1][0] + INTERVAL)
    with stories(2) as (whole, mended):
        whole.log(looks_of(spans))
        whole.tick(end)
        mended.log(on_time)
        mended.tick(end)
        mended.log(late)
        mended.tick(end)
        mended.world.correct()
        assert mended.told() == whole.told()
        # What decided nothing is not saved at once; a core made anew reads it again.
        mended.world.restarted().tick()
        assert mended.told() == whole.told()


@given(
    spans=SPANS,
    is_late=st.lists(st.booleans(), min_size=1, max_size=20),
    sizes=st.tuples(*[st.integers(1, 9)] * 3),
    goes_on=st.text(alphabet="+-~ ", max_size=12),
)
@SETTINGS
def test_sliced_between_ticks_is_as_in_one_go(
    spans: list[tuple[int, str]], is_late: list[bool], sizes: tuple[int, int, int], goes_on: str
) -> None:
    on_time, late = in_order_and_late(spans, is_late)
    end = Second(looks_of(spans)[-1][0] + INTERVAL)
    after = looks_of([(end - T0, goes_on.replace(" ", "") or "+")])
    with stories(2) as (whole, sliced):
        for story in (whole, sliced):
            story.log(on_time)
            story.tick(end)
            story.log(late)
            story.tick(end)
        whole.world.correct()
        for slot, mark in after:
            whole.log([(slot, mark)])
            whole.tick(slot)
        with pytest.MonkeyPatch.context() as patched:
            for name, size in zip(("FOLDS", "SEQS", "RESULTS"), sizes, strict=True):
                patched.setattr(correct_module, f"{name}_A_STEP", size)
            job, rest = sliced.world.reprocessing(), list(after)
            while not job.is_done:
                job.step()
                if rest:
                    slot, mark = rest.pop(0)
                    sliced.log([(slot, mark)])
                    sliced.tick(slot)
        for slot, mark in rest:
            sliced.log([(slot, mark)])
            sliced.tick(slot)
        sliced.world.correct()
        assert sliced.told() == whole.told()


@given(
    spans=SPANS,
    is_late=st.lists(st.booleans(), min_size=1, max_size=20),
    kills=st.lists(st.integers(0, 12), max_size=4),
)
@example(spans=[(0, "+"), (0, "~")], is_late=[True], kills=[0])
@SETTINGS
def test_a_kill_anywhere_repeats_work_and_changes_nothing_twice(
    spans: list[tuple[int, str]], is_late: list[bool], kills: list[int]
) -> None:
    on_time, late = in_order_and_late(spans, is_late)
    end = Second(looks_of(spans)[-1][0] + INTERVAL)
    with stories(2) as (whole, killed):
        for story in (whole, killed):
            story.log(on_time)
            story.tick(end)
            story.log(late)
            story.tick(end)
        with pytest.MonkeyPatch.context() as patched:
            for name in ("SEQS", "RESULTS"):
                patched.setattr(correct_module, f"{name}_A_STEP", 5)
            for steps in kills:
                job = killed.world.reprocessing()
                for _ in range(steps):
                    if not job.is_done:
                        job.step()
                killed.world.restarted()
        for story in (whole, killed):
            # What decided nothing was not saved: a core made anew reads it again.
            story.tick(end)
            story.world.correct()
        assert killed.told() == whole.told()
        assert corrections(killed.world) == corrections(whole.world)


def corrections(world: World) -> int:
    with world.journal.transaction() as tx:
        return sum(change.kind == "timeline.corrected" for change in tx.changes.since(0, 1_000))


def refused(world: World) -> tuple[int, int]:
    """Days that were refused, and notices of it."""
    with world.journal.transaction() as tx:
        kinds = [change.kind for change in tx.changes.since(0, 1_000)]
        assert not tx.folds.dirty()
        return tx.cursors.get(REFUSED), kinds.count(SystemAlert.LATE_RESULTS_REFUSED)


def an_old_outage(tmp_path: Path, *, pruned_days: int) -> World:
    """A look an hour for forty days, an outage on the first of them; the log lost some days."""
    made = catalogue()
    web = replace(made.checks[0], policy=Policy(interval=HOUR, max_gap=2 * HOUR))
    world = World(tmp_path, replace(made, checks=(web, *made.checks[1:])))
    for n in range(40 * 24):
        world.log.add(look(WEB, Second(T0 + n * HOUR), "-" if 2 <= n < 8 else "+"))
    world.clock.advance(40 * DAY)
    world.core.tick()
    first = T0 - T0 % DAY
    world.log.begins = Second(first + pruned_days * DAY)
    world.log.lose(sum(row.result.slot < world.log.begins for row in world.log.rows))
    return world


def late(world: World, slot: int, mark: str = "+") -> None:
    world.log.add(look(WEB, Second(slot), mark))
    world.clock.advance(1)
    world.core.tick()


def test_a_look_stamped_forty_days_back_withdraws_no_old_outage(tmp_path: Path) -> None:
    """It vanished from journal and bill, for its looks are in the log no more."""
    world = an_old_outage(tmp_path, pruned_days=6)
    before = drawn(world)
    assert [status for status, _ in before] == ["up", "down", "up"]
    late(world, T0 + 4 * HOUR + 30)
    assert world.correct() == []
    assert drawn(world) == before
    assert refused(world) == (1, 1)


def test_what_is_refused_is_told_once_a_day_and_counted_each_time(tmp_path: Path) -> None:
    world = an_old_outage(tmp_path, pruned_days=6)
    for days in range(3):
        late(world, T0 + days * DAY + 30)
        world.correct()
    assert refused(world) == (3, 1)
    world.clock.advance(DAY)
    late(world, T0 + 30)
    world.correct()
    assert refused(world) == (4, 2)


@pytest.mark.parametrize("days", range(6))
def test_a_day_is_folded_again_where_its_lead_is_whole(tmp_path: Path, days: int) -> None:
    """Two days for runs and windows to stand, and one for what is backdated."""
    world = an_old_outage(tmp_path, pruned_days=6)
    begins = T0 - T0 % DAY + 6 * DAY
    for n in range(4):
        world.log.add(look(WEB, Second(begins + days * DAY + n * INTERVAL), "-"))
    world.clock.advance(1)
    world.core.tick()
    is_whole = days >= 3
    assert bool(world.correct()) is is_whole
    assert refused(world) == ((0, 0) if is_whole else (1, 1))


def test_the_lead_may_reach_before_the_first_look_of_a_log_that_lost_nothing(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.log.begins = T0
    world.live(web="++   ++", dns="+" * 7, mail="+" * 7)
    late(world, T0 + 2 * INTERVAL)
    late(world, T0 + 3 * INTERVAL)
    assert world.correct()
    assert refused(world) == (0, 0)


def test_a_check_younger_than_the_log_s_losses_has_an_exact_beginning(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="", dns="+" * 7, mail="+" * 7)
    world.log.begins = world.clock.now()
    world.live(web="++   ++", dns="+" * 7, mail="+" * 7)
    late(world, world.log.begins + 2 * INTERVAL)
    assert world.correct()
    assert refused(world) == (0, 0)


def test_a_day_before_the_first_look_is_never_folded(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="+++++", dns="+++++", mail="+++++")
    late(world, T0 - 40 * DAY, "-")
    assert world.correct() == []
    assert refused(world) == (1, 1)
    assert drawn(world) == [("up", 0)]


def test_nothing_is_folded_again_while_the_log_cannot_tell_what_it_lost(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.live(web="++  ++", dns="+" * 6, mail="+" * 6)
    world.log.begins = None
    late(world, T0 + 2 * INTERVAL)
    assert world.correct() == []
    world.log.begins = Second(0)
    assert world.correct()


@given(
    spans=SPANS,
    is_late=st.lists(st.booleans(), min_size=1, max_size=20),
    lost=st.floats(0, 1),
    stamps=st.lists(st.integers(-50 * DAY, 20 * DAY), max_size=5),
)
@SETTINGS
def test_nothing_changes_that_is_older_than_the_log_s_losses_allow(
    spans: list[tuple[int, str]], is_late: list[bool], lost: float, stamps: list[int]
) -> None:
    on_time, late_ones = in_order_and_late(spans, is_late)
    end = Second(looks_of(spans)[-1][0] + INTERVAL)
    with stories(1) as (story,):
        world = story.world
        story.log(on_time)
        story.tick(end)
        gone = int(lost * (len(on_time) - 1)) + 1
        begins = max(slot - slot % DAY + DAY for slot, _ in on_time[:gone])
        world.log.begins = Second(begins)
        world.log.lose(gone)
        settled = Second(begins + LEAD)
        story.log(late_ones)
        story.log((Second(T0 + stamp), "-") for stamp in stamps if T0 + stamp < end)
        story.tick(end)
        before = [step for step in drawn(world) if T0 + step[1] * INTERVAL < settled]
        world.correct()
        assert [step for step in drawn(world) if T0 + step[1] * INTERVAL < settled] == before


def many_checks(tmp_path: Path, count: int) -> World:
    made = catalogue()
    checks = [replace(made.checks[0], id=CheckId(f"c{n}")) for n in range(count)]
    return World(tmp_path, replace(made, checks=(*made.checks, *checks)))


def live_through(world: World, checks: int, minutes: Iterable[int], mark: str = "+") -> None:
    seen = look(WEB, T0, mark)
    for minute in minutes:
        slot = Second(T0 + minute * INTERVAL)
        world.log.add(*(replace(seen, check=CheckId(f"c{n}"), slot=slot) for n in range(checks)))
    world.clock.advance(1)
    while world.core.tick().backlog:
        pass


@pytest.mark.parametrize("checks", [1, 40])
def test_all_that_is_dirty_is_read_in_one_pass(tmp_path: Path, checks: int) -> None:
    world = many_checks(tmp_path, checks)
    live_through(world, checks, [n for n in range(400) if n % 100 > 5])
    live_through(world, checks, [n for n in range(400) if n % 100 <= 5], "-")
    world.clock.advance(400 * INTERVAL)
    assert len(world.correct()) == checks
    assert world.log.walked == len(world.log.rows)


def test_a_step_writes_one_fold_and_reads_one_slice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = many_checks(tmp_path, 20)
    live_through(world, 20, [n for n in range(300) if n != 150])
    live_through(world, 20, [150], "-")
    monkeypatch.setattr(correct_module, "SEQS_A_STEP", 500)
    monkeypatch.setattr(correct_module, "RESULTS_A_STEP", 100)
    job, most, written = world.reprocessing(), 0, 0
    while not job.is_done:
        walked = world.log.walked
        with world.journal.transaction() as tx:
            dirty = len(tx.folds.dirty())
        job.step()
        most = max(most, world.log.walked - walked)
        with world.journal.transaction() as tx:
            assert dirty - len(tx.folds.dirty()) <= 1
        written += dirty != 0
    assert most == 500
    assert written > 20 * 3


def is_dirty(world: World) -> bool:
    with world.journal.transaction() as tx:
        return bool(tx.folds.dirty(folds=1))


def test_looks_that_are_no_runs_take_no_memory_without_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is let go waits for another pass."""
    world = many_checks(tmp_path, 8)
    for minute in range(60):
        if minute != 30:
            live_through(world, 8, [minute], "+~"[minute % 2])
    live_through(world, 8, [30])
    monkeypatch.setattr(correct_module, "MAX_PIECES", 150)
    monkeypatch.setattr(correct_module, "SEQS_A_STEP", 20)
    passes = 0
    while is_dirty(world) and passes < 8:
        world.correct()
        passes += 1
    assert 1 < passes < 8


def test_the_core_goes_on_from_the_corrected_past(tmp_path: Path) -> None:
    """Without being made anew: its component stands as the looks say, its incident ends."""
    world = World(tmp_path)
    world.live(web="++- ---", dns="+" * 7, mail="+" * 7)
    assert world.core.state.component_statuses[WEB].status is Outcome.DOWN
    core = world.core
    for minute in (2, 3, 4, 5, 6):
        slot = Second(T0 + minute * INTERVAL - 30)
        world.log.add(look(WEB, slot, "+"))
    world.clock.advance(1)
    world.core.tick()
    assert world.correct()
    assert core.state.component_statuses[WEB].status is Outcome.UP
    assert drawn(world) == [("up", 0)]
    live = core.state.states[CheckId("web-check"), LOCAL]
    world.restarted()
    assert world.core.state.states[CheckId("web-check"), LOCAL] == live
    assert world.core.state.component_statuses == core.state.component_statuses
