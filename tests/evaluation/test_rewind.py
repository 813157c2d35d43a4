"""A clock that was wrong and is set right: what it made the monitor say is taken back, what lasts
is seen, and the operator is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.domain.checks.fold import FoldState, Policy
from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult, Outcome
from monitor.domain.incidents.delivery import Delivery, EventKind
from monitor.domain.incidents.incident import Incident, IncidentEvent, Phase
from monitor.domain.time.eras import FIRST_ERA, REMEMBERED, Origin, counts, next_era
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import Timeline, timeline_of
from monitor.evaluation.ingest import fold_batch
from monitor.evaluation.reprocess import Reprocessing
from tests.support.worlds import INTERVAL, T0, WEB, World, catalogue, check, look

KEY, MAIL = (CheckId("web-check"), LOCAL), (CheckId("mail-check"), LOCAL)
HOUR, DAY, YEAR = 3_600, 86_400, 365 * 86_400


class Watched(World):
    """A world in which only the web is told of; the clock can be set under it."""

    def see(self, marks: str) -> None:
        self.live(web=marks)
        while self.core.tick().backlog:
            pass

    def set_clock(self, step: int, origin: Origin = Origin.STEP) -> None:
        was = self.clock.now()
        self.clock.step(step)
        self.log.set_clock(self.clock.now(), was, origin)

    def timeline(self) -> Timeline:
        with self.journal.transaction() as tx:
            drawn = tx.transitions.drawing(Interval(Second(0), FOREVER))
            state = tx.folds.states()[KEY]
        return timeline_of(drawn[KEY], state.covered_until)

    def told(self) -> list[tuple[str, int, int]]:
        """Status, and minutes since the beginning."""
        return [
            (str(s.status), (s.start - T0) // INTERVAL, (s.end - T0) // INTERVAL)
            for s in self.timeline()
        ]

    def incidents(self) -> list[Incident]:
        with self.journal.transaction() as tx:
            return list(tx.incidents.touching(Interval(Second(0), FOREVER)))

    def state(self) -> FoldState:
        return self.core.state.states[KEY]

    def events(self) -> list[tuple[str, str]]:
        """Messages that are pending."""
        with self.journal.transaction() as tx:
            due = tx.outbox.due(FOREVER, 1000)
        return [(str(n.kind), n.subject) for n in due]

    def deliver(self) -> None:
        with self.journal.transaction() as tx:
            for message in tx.outbox.due(FOREVER, 1000):
                tx.outbox.mark_delivered(message, delivery=Delivery.SENT, at=self.clock.now())

    def pending(self) -> list[str]:
        return [kind for kind, _ in self.events() if kind != EventKind.SYSTEM_ALERT]


@pytest.fixture
def world(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.mark.parametrize("ahead", [HOUR, 40 * DAY, 2 * YEAR])
def test_an_outage_is_seen_at_once_where_a_clock_that_was_ahead_is_set_right(
    world: Watched, ahead: int
) -> None:
    world.see("+++++")
    world.set_clock(ahead)
    world.see("+++")
    world.set_clock(-ahead)
    world.see("+---")
    assert world.told() == [("up", 0, 5), ("up", 8, 9), ("down", 9, 12)]
    assert [i.phase for i in world.incidents()] == [Phase.INVESTIGATING]


def test_an_outage_is_seen_where_the_machine_booted_ahead(world: Watched) -> None:
    world.see("+++++")
    world.set_clock(1800, Origin.BOOT)
    world.see("+++")
    world.set_clock(-1800)
    world.see("---")
    assert world.told() == [("up", 0, 5), ("down", 8, 11)]
    assert [i.phase for i in world.incidents()] == [Phase.INVESTIGATING]


def test_what_a_wrong_clock_made_it_open_is_closed_without_having_recovered(
    world: Watched,
) -> None:
    world.see("+++++")
    world.set_clock(HOUR)
    world.see("+---")
    (opened,) = world.incidents()
    world.set_clock(-HOUR)
    world.see("+++")
    (closed,) = world.incidents()
    assert (closed.id, closed.phase) == (opened.id, Phase.RESOLVED)
    assert closed.updates[-1].event is IncidentEvent.CLOCK_SET
    assert closed.updates[-1].machine is not None
    assert "reloj" in closed.updates[-1].machine.by_locale["es"]
    assert EventKind.RESOLUTION not in [kind for kind, _ in world.events()]
    assert all(second <= world.clock.now() for second in (closed.started_at, closed.created_at))
    assert world.told() == [("up", 0, 5), ("up", 9, 12)]


def test_an_outage_whose_recovery_the_clock_takes_back_is_told_again(tmp_path: Path) -> None:
    """It had been resolved, and stood for fourteen seconds more of which nobody heard."""
    world = Watched(tmp_path, catalogue(observe=60))
    world.see("+---+++")
    (first,) = world.incidents()
    assert first.phase is Phase.RESOLVED
    world.set_clock(-3 * INTERVAL)
    world.see("---")
    assert world.told() == [("up", 0, 1), ("down", 1, 7)]
    (again,) = [i for i in world.incidents() if i.id != first.id]
    assert again.phase is Phase.INVESTIGATING
    assert [(part.start, part.end) for part in again.affected] == [(first.affected[0].end, None)]
    assert [kind for kind, _ in world.events()].count(EventKind.OPENING) == 2
    world.see("++")
    assert [i.phase for i in world.incidents()] == [Phase.RESOLVED] * 2


@pytest.mark.parametrize("back", [3, 4])
def test_a_recovery_that_is_seen_again_after_the_clock_was_set_back_is_told_once(
    tmp_path: Path, back: int
) -> None:
    """Nobody is woken for the moment between the clock and the next look."""
    world = Watched(tmp_path, catalogue(observe=60))
    world.see("+-----+++")
    world.deliver()
    world.set_clock(-back * INTERVAL)
    world.core.tick()
    world.see("+++")
    assert world.pending() == []
    (only,) = world.incidents()
    assert only.phase is Phase.RESOLVED


@pytest.mark.parametrize("back", [3, 4])
@pytest.mark.parametrize("fell_again", [False, True])
def test_a_fall_after_a_told_recovery_is_told_though_the_clock_takes_both_back(
    tmp_path: Path, back: int, *, fell_again: bool
) -> None:
    """To the timeline it is one outage; the incident of its first half is over."""
    world = Watched(tmp_path, catalogue(observe=60))
    world.see("+-----+++" + "-" * fell_again)
    (first,) = world.incidents()
    world.deliver()
    world.set_clock(-(back + fell_again) * INTERVAL)
    world.see("---++")
    assert world.told()[1][0] == "down"
    (again,) = [i for i in world.incidents() if i.id != first.id]
    assert world.pending() == [EventKind.OPENING, EventKind.RESOLUTION]
    assert again.phase is Phase.RESOLVED


def test_an_outage_goes_on_over_a_wrong_hour_in_one_incident(world: Watched) -> None:
    world.see("++---")
    (opened,) = world.incidents()
    world.set_clock(HOUR)
    world.see("--")
    world.set_clock(-HOUR)
    world.see("---")
    (component_status,) = world.incidents()
    assert (component_status.id, component_status.phase) == (opened.id, Phase.INVESTIGATING)
    assert world.told() == [("up", 0, 2), ("down", 2, 5), ("down", 7, 10)]


def test_an_outage_that_a_wrong_clock_saw_end_is_open_again_until_it_is_seen_to_end(
    world: Watched,
) -> None:
    world.see("++---")
    world.set_clock(HOUR)
    world.see("++" + "-")
    world.set_clock(-HOUR)
    world.see("---")
    (component_status,) = world.incidents()
    assert component_status.phase is Phase.INVESTIGATING
    world.see("+")
    (over,) = world.incidents()
    assert over.phase in (Phase.MONITORING, Phase.RESOLVED)


def test_a_step_forward_within_an_outage_is_no_downtime(world: Watched) -> None:
    """30 s were billed as an hour and 30 s."""
    world.see("++---")
    world.set_clock(HOUR)
    world.see("--+")
    down = sum(s.end - s.start for s in world.timeline() if s.status is Outcome.DOWN)
    assert down == 5 * INTERVAL
    assert len(world.incidents()) == 1


def test_the_text_of_an_outage_says_the_length_that_is_billed(world: Watched) -> None:
    world.see("++---")
    world.set_clock(HOUR)
    world.see("--+" + "+" * 20)
    (over,) = world.incidents()
    assert over.phase is Phase.RESOLVED
    said = next(u.machine for u in over.updates if u.event is IncidentEvent.RESOLVED)
    assert said is not None
    assert "sin servicio 5\N{NO-BREAK SPACE}min," in said.by_locale["es"]


def test_a_reboot_within_an_outage_is_inferred_downtime(world: Watched) -> None:
    world.see("++---")
    world.clock.advance(10 * INTERVAL)
    world.set_clock(0, Origin.BOOT)
    world.see("--+")
    down = sum(s.end - s.start for s in world.timeline() if s.status is Outcome.DOWN)
    assert down == 15 * INTERVAL


def test_seconds_that_come_again_belong_to_the_later_era(world: Watched) -> None:
    world.see("+++++" + "---" + "++")
    world.set_clock(-5 * INTERVAL)
    world.see("+++++++")
    assert world.told() == [("up", 0, 12)]
    assert [i.phase for i in world.incidents()] == [Phase.RESOLVED]


def test_a_step_back_that_was_the_mistake_gives_back_what_it_took(world: Watched) -> None:
    world.see("+" * 5 + "---" + "++")
    before = world.told()
    world.set_clock(-8 * INTERVAL)
    world.see("++")
    world.set_clock(8 * INTERVAL)
    world.see("++")
    correct_all(world)
    assert world.told() == [*before[:-1], ("up", 8, 10), ("up", 12, 14)]


@pytest.mark.parametrize("back", [8 * INTERVAL, HOUR, 40 * DAY])
def test_a_step_back_that_was_the_mistake_gives_the_incidents_back(
    world: Watched, back: int
) -> None:
    world.see("+" * 5 + "---" + "++" + "+" * 16 + "----")
    before = world.incidents()
    world.set_clock(-back)
    world.see("----")
    world.set_clock(back)
    world.see("----")
    after = {i.id: i for i in world.incidents()}
    assert [after[i.id].affected for i in before] == [i.affected for i in before]
    assert [after[i.id].phase for i in before] == [i.phase for i in before]
    assert [i.id for i in world.incidents() if i.open_parts] == [
        i.id for i in before if i.open_parts
    ]


def test_a_correction_in_between_hides_no_mistake(world: Watched) -> None:
    world.see("+" * 5 + "---" + "++")
    before = world.told()
    world.set_clock(-HOUR)
    world.see("++")
    world.set_clock(20)
    world.see("++")
    world.set_clock(HOUR - 20)
    world.see("++")
    assert world.told()[:-1] == [*before[:-1], ("up", 8, 10)]


def test_small_steps_hide_no_outage(world: Watched) -> None:
    world.see("+++")
    for _ in range(6):
        world.set_clock(12)
        world.see("-")
        world.set_clock(-12)
        world.see("-")
    assert [i.phase for i in world.incidents()] == [Phase.INVESTIGATING]


def test_hundreds_of_steps_take_nothing_back(world: Watched) -> None:
    world.see("++---++" + "+" * 20)
    before = world.told()
    for _ in range(300):
        world.log.set_clock(world.clock.now(), world.clock.now(), Origin.BOOT)
    world.see("++")
    world.set_clock(-90)
    world.see("++++")
    assert world.told()[: len(before) - 1] == before[:-1]


def test_a_clock_that_swings_is_told_of_now_and_then(world: Watched) -> None:
    for step in (HOUR, -HOUR) * 6:
        world.set_clock(step)
        world.see("+")
    told = [event for _, event in world.events() if event.startswith("monitor.clock_set")]
    assert len(told) == 1


def test_a_row_of_an_era_that_the_log_does_not_know_takes_nothing_back(world: Watched) -> None:
    world.see("++---++")
    before = world.told()
    now = world.clock.now()
    world.log.rows.append(
        LoggedResult(seq=len(world.log.rows) + 1, result=replace(look(WEB, now, "+"), era=7))
    )
    world.clock.advance(INTERVAL)
    ticks = [world.core.tick().backlog for _ in range(4)]
    assert not ticks[-1]
    assert world.told()[:-1] == before[:-1]


@pytest.mark.parametrize("seconds_skipped_before", [HOUR, 2 * HOUR])
def test_a_step_back_gives_back_what_it_took_where_it_led_to_seconds_that_were_skipped(
    world: Watched, seconds_skipped_before: int
) -> None:
    """Into the middle of what an earlier step forward had jumped over."""
    world.see("+---")
    world.set_clock(seconds_skipped_before)
    world.see("++---+")
    before = world.told()
    world.set_clock(-HOUR)
    world.see("--")
    world.set_clock(HOUR)
    world.see("++")
    skipped = seconds_skipped_before // INTERVAL
    assert before == [
        ("up", 0, 1), ("down", 1, 4), ("up", skipped + 4, skipped + 6),
        ("down", skipped + 6, skipped + 9), ("up", skipped + 9, skipped + 10),
    ]  # fmt: skip
    assert world.told() == [*before, ("up", skipped + 12, skipped + 14)]


@pytest.mark.parametrize("step", [11, 45, 60, 61, HOUR])
def test_what_any_step_ahead_skipped_within_an_outage_is_no_downtime(step: int) -> None:
    """Half a minute was billed that no clock of the customer's had seen pass."""
    eras = [FIRST_ERA]
    last = Second(T0 + 5 * 2)
    eras.append(next_era(eras, Origin.STEP, Second(last + 2 + step), Second(last + 2)))
    slots = [*range(T0, last + 1, 2), *range(last + 2 + step, last + 12 + step, 2)]
    often = replace(check(WEB), policy=Policy(interval=2, max_gap=6, confirm_down=2))
    rows = [
        LoggedResult(seq=number, result=replace(look(WEB, Second(slot), "-"), era=int(slot > last)))
        for number, slot in enumerate(slots, 1)
    ]
    folded = fold_batch(rows, {}, lambda *_: often, Second(slots[-1]), eras[-1].lineage)
    drawn = timeline_of([d.transition for d in folded.decided], folded.states[KEY].covered_until)
    down = [(s.start, s.end) for s in drawn if s.status is Outcome.DOWN]
    assert down == [(T0, last + 2), (last + 2 + step, slots[-1] + 2)]


def test_the_operator_is_told_of_a_step_once(world: Watched) -> None:
    world.see("++")
    world.set_clock(HOUR)
    world.see("++")
    world.restarted()
    world.see("++")
    told = [event for _, event in world.events() if event.startswith("monitor.clock_set")]
    assert len(told) == 1
    assert told[0].endswith(f":{HOUR}")


def test_a_correction_by_seconds_is_not_told(world: Watched) -> None:
    world.see("++")
    world.set_clock(-3)
    world.see("++")
    assert not [event for _, event in world.events() if event.startswith("monitor.clock_set")]


def test_absurd_rows_are_as_if_they_were_not_there(world: Watched) -> None:
    world.see("++")
    world.log.add_absurd(look(WEB, Second(world.clock.now() + YEAR), "-"))
    world.log.add_absurd(look(WEB, Second(world.clock.now() - 40 * DAY), "-"))
    world.see("+---")
    assert world.told() == [("up", 0, 3), ("down", 3, 6)]
    with world.journal.transaction() as tx:
        assert not tx.folds.dirty()


_ABSURD = st.lists(
    st.tuples(
        st.integers(0, 19), st.sampled_from("+-~?"), st.integers(-80 * DAY, 3 * YEAR).filter(bool)
    ),
    max_size=12,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=st.text(alphabet="+++--~", min_size=4, max_size=20), absurd=_ABSURD)
def test_a_log_with_absurd_rows_is_folded_as_if_it_had_none(
    tmp_path_factory: pytest.TempPathFactory, story: str, absurd: list[tuple[int, str, int]]
) -> None:
    plain, hit = (Watched(tmp_path_factory.mktemp("world")) for _ in range(2))
    for minute, mark in enumerate(story):
        plain.see(mark)
        for at, strange, by in absurd:
            if at == minute:
                hit.log.add_absurd(look(WEB, Second(hit.clock.now() + by), strange))
        hit.see(mark)
    assert (hit.timeline(), hit.state()) == (plain.timeline(), plain.state())
    assert [i.id for i in hit.incidents()] == [i.id for i in plain.incidents()]


def correct_all(world: Watched) -> None:
    """What the core's duty does with dirty days."""
    job = Reprocessing(core=world.core, journal=world.journal, log=world.log, clock=world.clock)
    while not job.is_done:
        job.step()


STEPS = [-40 * DAY, -HOUR, -120, -2, 0, 2, 120, HOUR, 40 * DAY, 2 * YEAR]
_STORY = st.lists(st.sampled_from("++++-"), min_size=1, max_size=5).map(
    lambda marks: "".join(mark * 4 for mark in marks)
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    first=_STORY, wrong=_STORY, step=st.sampled_from(STEPS), is_back=st.booleans(),
    is_restarted=st.booleans(), ends_down=st.booleans(),
)  # fmt: skip
def test_a_step_at_any_moment_loses_no_outage_that_lasts_and_raises_none(
    tmp_path_factory: pytest.TempPathFactory,
    first: str,
    wrong: str,
    step: int,
    is_back: bool,
    is_restarted: bool,
    ends_down: bool,
) -> None:
    world = Watched(tmp_path_factory.mktemp("world"))
    world.see(first)
    world.set_clock(step)
    world.see(wrong)
    if is_restarted:
        world.restarted()
    if is_back:
        world.set_clock(-step)
    world.see("----" if ends_down else "++++")
    is_open = [i for i in world.incidents() if i.open_parts]
    assert len(is_open) == ends_down
    status = Outcome.DOWN if ends_down else Outcome.UP
    assert (world.timeline()[-1].status, world.state().status) == (status, status)
    downs = [s for s in world.timeline() if s.status is Outcome.DOWN]
    longest = max(len(run) for run in _runs(first + wrong + ("----" if ends_down else "++++")))
    assert all(s.end - s.start <= (longest + 1) * INTERVAL for s in downs)


def _runs(story: str) -> list[str]:
    return [run for run in story.split("+") if run] or [""]


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    stories=st.lists(_STORY, min_size=1, max_size=4),
    steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=4),
)
@example(stories=["++++"] * 4, steps=[-40 * DAY, 2 * YEAR, -40 * DAY, 40 * DAY])
@example(
    stories=["+" * 8, "+" * 8, "+" * 20, "+" * 20],
    steps=[2 * YEAR, -40 * DAY, -40 * DAY, 2 * YEAR],
)
def test_what_was_folded_live_is_what_is_folded_anew(
    tmp_path_factory: pytest.TempPathFactory, stories: list[str], steps: list[int]
) -> None:
    world = Watched(tmp_path_factory.mktemp("world"))
    for story, step in zip(stories, steps, strict=False):
        world.see(story)
        world.set_clock(step)
        world.see("++")
        correct_all(world)
    lineage = world.log.eras()[-1].lineage
    rows = sorted(world.log.rows, key=lambda r: (r.result.slot, -r.result.era, r.seq))
    past = [r for r in rows if counts(lineage, r.result.era, r.result.slot)]
    anew = fold_batch(past, {}, world.catalogues.check, world.clock.now(), lineage)
    transitions = [d.transition for d in anew.decided]
    drawn = timeline_of(transitions, anew.states[KEY].covered_until)
    assert _statuses(drawn) == _statuses(world.timeline())


def _statuses(timeline: Timeline) -> list[tuple[int, int, str]]:
    return [(s.start, s.end, str(s.status)) for s in timeline]


def test_an_outage_goes_on_where_another_log_takes_the_place_of_a_damaged_one(
    world: Watched,
) -> None:
    """Its eras are numbered anew: the number says nothing of what was wrong in the former one."""
    world.see("+++")
    world.set_clock(HOUR)
    world.see("+---")
    assert world.state().era == 1
    world.log.become_another()
    world.see("--")
    assert (world.core.era.number, world.state().era) == (0, 0)
    assert [i.phase for i in world.incidents()] == [Phase.INVESTIGATING]
    assert world.told()[-1][0] == "down"


def test_eras_of_a_new_log_take_nothing_back_that_bears_their_numbers_from_the_former_one(
    world: Watched,
) -> None:
    """The former log's first era was wrong, and made the monitor say what was taken back."""
    world.see("+++++")
    world.set_clock(HOUR)
    world.see("---")
    world.set_clock(-HOUR)
    world.see("++")
    world.log.become_another()
    world.see("++")
    world.set_clock(120, Origin.BOOT)
    world.see("++")
    world.set_clock(2 * HOUR)
    world.see("++")
    world.set_clock(-2 * HOUR)
    world.see("++")
    assert world.core.era.number == 3
    assert "down" not in [status for status, _, _ in world.told()]


def test_a_check_without_a_look_in_the_new_log_stands_as_before_when_its_clock_is_set(
    world: Watched,
) -> None:
    world.see("+++")
    world.set_clock(HOUR)
    world.live(web="+---", mail="+---")
    before = world.core.state.states[MAIL]
    world.log.become_another()
    world.see("--")
    world.set_clock(HOUR)
    world.see("--")
    after = world.core.state.states[MAIL]
    assert (after.status, after.last_slot) == (Outcome.DOWN, before.last_slot)


def test_a_mistake_that_is_undone_after_many_boots_gives_the_runs_back_as_they_were(
    world: Watched,
) -> None:
    """Four boots in between, and runs were cut where the mistake began."""
    world.see("++---++-")
    before = world.state()
    assert before.failures
    world.set_clock(HOUR)
    for _ in range(REMEMBERED - 2):
        world.see("+")
        world.set_clock(0, Origin.BOOT)
    world.see("+")
    world.set_clock(-HOUR)
    world.log.add(look(WEB, world.clock.now(), "-"))
    world.core.tick()
    with world.journal.transaction() as tx:
        kept = tx.folds.states()[KEY]
    assert kept == before
