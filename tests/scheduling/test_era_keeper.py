"""Which era a prober is in: at its start, in the same boot and after one, and at each step."""

from __future__ import annotations

from monitor.domain.time.eras import FIRST_ERA, Era, Origin
from monitor.domain.time.interval import Second
from monitor.scheduling.era_keeper import EraKeeper, LogEnd
from monitor.scheduling.grid_clock import WallStep
from tests.support.clock import START, FakeClock

HOUR, DAY = 3_600, 86_400


class Machine:
    """A clock, what the log knows, and probers that are started one after the other."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.eras: list[Era] = [FIRST_ERA]
        self.newest: Second | None = START
        self.floor = Second(0)
        self.keeper = self._begin(LogEnd(eras=(FIRST_ERA,)))

    def restart(self, *, after: float, step: float = 0.0, boots: bool = False) -> EraKeeper:
        """Killed after a look in this second; started again later, somebody having set the clock
        meanwhile."""
        self.newest = self.clock.now()
        anchor = self.keeper.anchor()
        self.clock.advance(after)
        self.clock.step(step)
        if boots:
            self.clock.reboot(boot_id=f"boot-{self.clock.boottime()}")
        self.keeper = self._begin(LogEnd(eras=tuple(self.eras), anchor=anchor, newest=self.newest))
        return self.keeper

    def _begin(self, end: LogEnd) -> EraKeeper:
        return EraKeeper(
            self.clock, end, offer=self.eras.append, may_follow=lambda at: at >= self.floor
        )


def test_a_restart_stays_in_its_era() -> None:
    machine = Machine()
    assert machine.restart(after=HOUR).number == 0
    assert machine.restart(after=0.2).time.next > 20 * START


def test_a_clock_that_was_set_while_nothing_ran_is_a_step() -> None:
    for step in (HOUR, -HOUR, 40 * DAY):
        machine = Machine()
        assert machine.restart(after=10, step=step).number == 1
        assert machine.eras[-1].origin is Origin.STEP
        assert abs(machine.eras[-1].step_s - step) <= 1


def test_a_clock_that_was_slewed_while_nothing_ran_is_none() -> None:
    machine = Machine()
    assert machine.restart(after=10 * DAY, step=300).number == 0


def test_a_boot_begins_an_era_that_is_no_step() -> None:
    machine = Machine()
    assert machine.restart(after=60, boots=True).number == 1
    assert not machine.eras[-1].is_step


def test_a_boot_with_a_clock_behind_the_log_goes_back() -> None:
    machine = Machine()
    keeper = machine.restart(after=60, step=-HOUR, boots=True)
    assert machine.eras[-1].is_step
    assert keeper.time.now() // 20 == machine.clock.now()


def test_a_boot_in_1970_goes_on_from_the_last_second_of_the_log() -> None:
    machine = Machine()
    machine.floor = Second(START - 30 * DAY)
    keeper = machine.restart(after=60, step=-START, boots=True)
    assert keeper.time.next // 20 == (machine.newest or 0) + 1
    assert keeper.anchor().distrusted_s > 30 * DAY
    again = machine.restart(after=60)
    assert again.time.now() // 20 >= (machine.newest or 0)
    assert again.anchor().distrusted_s > 30 * DAY


def test_a_step_is_handed_to_the_log_before_anything_of_its_era() -> None:
    machine = Machine()
    step = WallStep(at=Second(START + HOUR), was=START, step_s=float(HOUR))
    assert machine.keeper.step(step) == 1
    assert [era.number for era in machine.eras] == [0, 1]


def test_a_restart_before_the_first_look_of_an_era_that_was_set_right_waits_for_nothing() -> None:
    """The newest row is two years ahead; the machine's clock is right."""
    machine = Machine()
    machine.restart(after=10, step=2 * 365 * DAY)
    machine.newest = machine.clock.now()
    machine.clock.step(-2 * 365 * DAY)
    step = machine.keeper.time.follow_wall()
    assert step is not None
    machine.keeper.step(step)
    anchor = machine.keeper.anchor()
    machine.clock.advance(5)
    end = LogEnd(eras=tuple(machine.eras), anchor=anchor, newest=None)
    keeper = EraKeeper(machine.clock, end, offer=machine.eras.append)
    assert 0 < keeper.time.next // 20 - machine.clock.now() <= 1


def test_a_second_boot_before_the_first_look_drops_no_past() -> None:
    machine = Machine()
    machine.restart(after=60, boots=True)
    machine.newest = None
    anchor = machine.keeper.anchor()
    machine.clock.step(-START)
    machine.clock.reboot(boot_id="again")
    end = LogEnd(eras=tuple(machine.eras), anchor=anchor, newest=None)
    keeper = EraKeeper(machine.clock, end, offer=machine.eras.append)
    assert machine.eras[-1].is_step
    machine.clock.step(START + 60)
    step = keeper.time.follow_wall()
    assert step is not None
    keeper.step(step)
    first = machine.eras[-1].lineage[0]
    assert (first.era, first.until) == (0, START + 1)
