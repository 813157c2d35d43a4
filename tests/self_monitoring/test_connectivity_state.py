"""What is told of our own line: once for a cut, however many gates; named where it is disputed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check, ConnectivitySettings
from monitor.domain.change import Change
from monitor.domain.checks.connectivity import RESOLVER
from monitor.domain.checks.observation import LOCAL, CheckId, FailureId, Outcome, Result
from monitor.domain.incidents.system_alerts import SystemAlert
from tests.support.worlds import MAIL, T0, WEB, World, catalogue
from tests.support.worlds import check as world_check

HOLD = 60
OURS = (
    SystemAlert.OFFLINE,
    SystemAlert.ONLINE,
    SystemAlert.NO_RESOLVER,
    SystemAlert.RESOLVER_BACK,
    SystemAlert.CONTRADICTED,
)
SERVER = "192.0.2.53"
Story = Callable[[str, int], str]
"""From a check and a second to what its look sees: `+`, `-`, `?` (no_network), `r` (no_resolver),
`p` (probe_error) or a blank for none."""
_SEEN = {
    "+": (Outcome.UP, None),
    "-": (Outcome.DOWN, "conn_refused"),
    "?": (Outcome.UNKNOWN, "no_network"),
    "r": (Outcome.UNKNOWN, "no_resolver"),
    "p": (Outcome.UNKNOWN, "probe_error"),
}


def a_check(name: str, gate: str | None, interval: int = 1) -> Check:
    made = world_check(MAIL if name.startswith("mail") else WEB, gate=gate)
    policy = replace(made.policy, interval=interval, max_gap=2 * interval, confirm_down=3)
    return replace(made, id=CheckId(name), policy=policy)


def company(*checks: Check, gates: Iterable[str] = ("default",)) -> Catalogue:
    made = tuple(ConnectivitySettings(id=name, targets=("192.0.2.1:53",)) for name in gates)
    return replace(catalogue(line_hold=HOLD), checks=checks, gates=made)


class Stage:
    """A core that reads the looks of a story; two ticks a second, as in production."""

    def __init__(self, folder: Path, made: Catalogue) -> None:
        self.world = World(folder, made)
        self.checks = made.checks
        self.second = 0

    def live(self, seconds: int, story: Story) -> None:
        for _ in range(seconds):
            for check in self.checks:
                if self.second % check.policy.interval == 0:
                    self._add(check, story(str(check.id), self.second))
            for _ in range(2):
                self.world.core.tick()
                self.world.clock.advance(0.5)
            self.second += 1

    def _add(self, check: Check, mark: str) -> None:
        if mark == " ":
            return
        outcome, failure = _SEEN[mark]
        self.world.log.add(
            Result(
                check=check.id, location=LOCAL, slot=self.world.clock.now(), revision=1,
                outcome=outcome, failure=FailureId(failure) if failure else None,
                phases_ms={"resolve": 1.0},
                evidence={RESOLVER: {SERVER: "silent"}} if mark == "r" else {},
            )
        )  # fmt: skip

    @property
    def changes(self) -> list[Change]:
        with self.world.journal.transaction() as tx:
            return [c for c in tx.changes.since(0, 10_000) if c.kind in OURS]

    @property
    def told(self) -> list[str]:
        return [change.kind for change in self.changes]

    def owed(self) -> list[str]:
        """Subjects of the messages that are owed."""
        with self.world.journal.transaction() as tx:
            return [n.subject for n in tx.outbox.due(self.world.clock.now(), 100)]


def always(mark: str) -> Story:
    return lambda name, second: mark


def behind(cut: str, mark: str = "?") -> Story:
    """Those whose name begins so are behind a cut line, the others see."""
    return lambda name, second: mark if name.startswith(cut) else "+"


@pytest.fixture
def two_gates(tmp_path: Path) -> Stage:
    checks = [a_check(f"web-{n}", "default") for n in range(2)]
    checks += [a_check(f"mail-{n}", "vpn") for n in range(2)]
    return Stage(tmp_path, company(*checks, gates=("default", "vpn")))


@pytest.fixture
def one_gate(tmp_path: Path) -> Stage:
    checks = [a_check(f"web-{n}", "default") for n in range(3)]
    return Stage(tmp_path, company(*checks))


def test_two_gates_and_a_cut_of_one_are_one_notice_and_one_taking_back(two_gates: Stage) -> None:
    two_gates.live(3, always("+"))
    two_gates.live(600, behind("mail"))
    assert two_gates.told == [SystemAlert.OFFLINE]
    two_gates.live(HOLD + 5, always("+"))
    assert two_gates.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_it_names_the_gate_where_there_are_several(two_gates: Stage, one_gate: Stage) -> None:
    two_gates.live(3, behind("mail"))
    assert two_gates.owed() == [f"monitor.blind:{T0}:vpn"]


def test_it_names_no_gate_where_there_is_one(one_gate: Stage) -> None:
    one_gate.live(3, always("?"))
    assert one_gate.owed() == [f"monitor.blind:{T0}"]


def test_a_cut_of_both_gates_is_one_notice_and_one_taking_back(two_gates: Stage) -> None:
    two_gates.live(3, always("+"))
    two_gates.live(5, behind("mail"))
    two_gates.live(60, always("?"))
    two_gates.live(20, behind("web"))
    two_gates.live(HOLD + 5, always("+"))
    assert two_gates.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_a_line_that_is_cut_for_moments_is_cut(one_gate: Stage) -> None:
    """Two seconds of every seven, for a minute."""
    one_gate.live(3, always("+"))
    one_gate.live(63, lambda name, second: "?" if second % 7 < 2 else "+")
    assert one_gate.told == [SystemAlert.OFFLINE]
    one_gate.live(HOLD + 5, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_it_is_taken_back_when_the_line_has_worked_for_the_hold_time(one_gate: Stage) -> None:
    one_gate.live(5, always("?"))
    one_gate.live(HOLD - 3, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE]
    one_gate.live(6, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]
    assert [change.after["since"] for change in one_gate.changes] == [T0, T0]


def test_a_second_cut_is_told_again(one_gate: Stage) -> None:
    for _ in range(2):
        one_gate.live(5, always("?"))
        one_gate.live(HOLD + 5, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE] * 2
    assert len({change.after["since"] for change in one_gate.changes}) == 2


def test_it_is_not_taken_back_while_nobody_sees(one_gate: Stage) -> None:
    one_gate.live(5, always("?"))
    one_gate.live(300, always(" "))
    assert one_gate.told == [SystemAlert.OFFLINE]


def test_failures_that_the_gate_believes_are_sight(one_gate: Stage) -> None:
    one_gate.live(5, always("?"))
    one_gate.live(HOLD + 5, always("-"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_a_check_that_looks_seldom_does_not_keep_the_notice_for_an_hour(tmp_path: Path) -> None:
    hourly = a_check("web-hourly", "default", interval=3600)
    stage = Stage(tmp_path, company(hourly, a_check("web-often", "default")))
    stage.live(20, always("?"))
    stage.live(700, always("+"))
    assert stage.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_a_failure_behind_a_shut_gate_while_others_see_is_told_once_by_name(
    one_gate: Stage,
) -> None:
    """The gate's target is dead, and so is one of three hosts: nobody would ever know."""
    one_gate.live(3, always("+"))
    one_gate.live(600, behind("web-1"))
    (disagreement,) = one_gate.changes
    assert disagreement.kind == SystemAlert.CONTRADICTED
    assert disagreement.after == {"since": T0 + 3, "about": "default: web-1"}
    one_gate.live(3, always("+"))
    assert one_gate.told == [SystemAlert.CONTRADICTED]


def test_what_looked_like_a_cut_is_told_as_a_disagreement_when_it_is_one(one_gate: Stage) -> None:
    one_gate.live(3, always("?"))
    one_gate.live(600, behind("web-1"))
    one_gate.live(HOLD, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.CONTRADICTED]


def test_a_disagreement_waits_for_as_many_looks_of_a_check_that_looks_seldom(
    tmp_path: Path,
) -> None:
    seldom = a_check("web-seldom", "default", interval=300)
    stage = Stage(tmp_path, company(seldom, a_check("web-often", "default")))
    stage.live(1400, behind("web-seldom"))
    assert stage.told == []
    stage.live(200, behind("web-seldom"))
    assert stage.told == [SystemAlert.CONTRADICTED]
    stage.live(3000, behind("web-seldom"))
    assert stage.told == [SystemAlert.CONTRADICTED]


def test_a_disagreement_is_not_told_again_after_a_restart(one_gate: Stage) -> None:
    one_gate.live(30, behind("web-1"))
    one_gate.world.restarted()
    one_gate.live(120, behind("web-1"))
    assert one_gate.told.count(SystemAlert.CONTRADICTED) == 1


def test_a_cut_is_no_disagreement_however_long(two_gates: Stage) -> None:
    """That the other line works says nothing of this one."""
    two_gates.live(900, behind("mail"))
    assert two_gates.told == [SystemAlert.OFFLINE]


def test_a_disagreement_behind_one_gate_does_not_hide_the_cut_of_another(two_gates: Stage) -> None:
    two_gates.live(60, behind("mail-1"))
    assert two_gates.told == [SystemAlert.OFFLINE, SystemAlert.CONTRADICTED]
    two_gates.live(30, lambda name, second: "?" if name != "mail-0" else "+")
    assert two_gates.told == [SystemAlert.OFFLINE, SystemAlert.CONTRADICTED, SystemAlert.OFFLINE]
    two_gates.live(HOLD + 5, behind("mail-1"))
    assert two_gates.told == [
        SystemAlert.OFFLINE,
        SystemAlert.CONTRADICTED,
        SystemAlert.OFFLINE,
        SystemAlert.ONLINE,
    ]


def test_a_restart_within_a_cut_tells_nothing_twice(one_gate: Stage) -> None:
    one_gate.live(10, always("?"))
    one_gate.world.restarted()
    one_gate.live(100, always("?"))
    one_gate.world.restarted()
    one_gate.live(HOLD + 5, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_it_takes_back_what_an_older_version_told(one_gate: Stage) -> None:
    """It kept one second for all gates."""
    with one_gate.world.journal.transaction() as tx:
        tx.cursors.set("blind_since", T0 - 500)
    one_gate.world.restarted()
    one_gate.live(HOLD + 5, always("+"))
    assert [(c.kind, c.after["since"]) for c in one_gate.changes] == [
        (SystemAlert.ONLINE, T0 - 500)
    ]


def test_after_a_restart_it_waits_until_each_line_was_heard_of(tmp_path: Path) -> None:
    checks = (a_check("web-often", "default"), a_check("mail-seldom", "vpn", interval=300))
    stage = Stage(tmp_path, company(*checks, gates=("default", "vpn")))
    stage.live(200, behind("mail"))
    stage.world.restarted()
    stage.live(900, behind("mail"))
    assert stage.told == [SystemAlert.OFFLINE]


def test_a_cut_that_was_over_before_the_core_was_back_wakes_nobody(one_gate: Stage) -> None:
    for mark in "?" * 40 + "+" * 5:
        for check in one_gate.checks:
            one_gate._add(check, mark)
    one_gate.live(HOLD + 5, always("+"))
    assert one_gate.told == []


def test_a_step_of_the_clock_changes_nothing(one_gate: Stage) -> None:
    one_gate.live(10, always("?"))
    one_gate.world.clock.step(-3600)
    one_gate.live(20, always("?"))
    one_gate.live(HOLD - 5, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE]
    one_gate.live(10, always("+"))
    assert one_gate.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_what_nobody_checks_any_more_keeps_no_notice(two_gates: Stage) -> None:
    two_gates.live(20, behind("mail"))
    kept = tuple(c for c in two_gates.checks if c.id.startswith("web"))
    revisions = [
        CatalogueRevision(number=number, hash="x", text="", effective_from=second, catalogue=made)
        for number, second, made in (
            (1, T0, two_gates.world.core.state.catalogue),
            (2, two_gates.world.clock.now(), company(*kept)),
        )
    ]
    two_gates.world.core.adopt(Catalogues(revisions))
    two_gates.checks = kept
    two_gates.live(HOLD + 5, always("+"))
    assert two_gates.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_an_ill_resolver_is_one_notice_that_names_it_and_one_taking_back(one_gate: Stage) -> None:
    one_gate.live(3, always("+"))
    one_gate.live(200, always("r"))
    assert one_gate.told == [SystemAlert.NO_RESOLVER]
    assert one_gate.owed() == [f"monitor.no_resolver:{T0 + 3}:{SERVER}"]
    one_gate.live(HOLD + 5, always("+"))
    assert one_gate.told == [SystemAlert.NO_RESOLVER, SystemAlert.RESOLVER_BACK]


def test_a_resolver_that_is_ill_for_moments_is_one_notice(one_gate: Stage) -> None:
    one_gate.live(63, lambda name, second: "r" if second % 7 < 2 else "+")
    one_gate.world.restarted()
    one_gate.live(HOLD + 5, always("+"))
    assert one_gate.told == [SystemAlert.NO_RESOLVER, SystemAlert.RESOLVER_BACK]


def test_checks_without_a_gate_tell_of_the_resolver_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path, company(a_check("web-0", None), gates=()))
    stage.live(5, always("r"))
    stage.live(HOLD + 5, always("+"))
    assert stage.told == [SystemAlert.NO_RESOLVER, SystemAlert.RESOLVER_BACK]


def test_a_cut_line_is_not_told_a_second_time_as_an_ill_resolver(tmp_path: Path) -> None:
    checks = (a_check("web-gated", "default"), a_check("web-free", None))
    stage = Stage(tmp_path, company(*checks))
    stage.live(5, lambda name, second: "+")
    stage.live(60, lambda name, second: "?" if name == "web-gated" else "r")
    stage.live(HOLD + 5, always("+"))
    assert stage.told == [SystemAlert.OFFLINE, SystemAlert.ONLINE]


def test_control_names_that_disagree_with_the_checks_are_told_by_name(one_gate: Stage) -> None:
    """A filter before our resolver denies them: the name of one target is truly gone."""
    one_gate.live(30, behind("web-2", "r"))
    assert one_gate.told == [SystemAlert.NO_RESOLVER, SystemAlert.CONTRADICTED]
    assert one_gate.changes[-1].after["about"] == "resolver: web-2"


@pytest.mark.parametrize("later", ["p", " "], ids=["for another reason", "no row"])
@pytest.mark.parametrize(
    ("cut", "told"),
    [
        ("?", [SystemAlert.OFFLINE, SystemAlert.ONLINE]),
        ("r", [SystemAlert.NO_RESOLVER, SystemAlert.RESOLVER_BACK]),
    ],
    ids=["line", "resolver"],
)
def test_a_check_that_says_no_more_of_the_line_keeps_no_notice(
    one_gate: Stage, later: str, cut: str, told: list[str]
) -> None:
    """Others contradicted it, and it was disputed for ever: the next cut woke nobody."""
    one_gate.live(3, always("+"))
    for times in (1, 2):
        one_gate.live(5, always(cut))
        one_gate.live(2, behind("web-1", cut))
        one_gate.live(2 * HOLD + 5, behind("web-1", later))
        assert one_gate.told == told * times
        one_gate.live(1, always("+"))


def test_nobody_is_told_of_sight_where_nobody_saw_and_the_next_cut_is_told(tmp_path: Path) -> None:
    stage = Stage(tmp_path, company(a_check("web-0", "default")))
    stage.live(3, always("+"))
    stage.live(5, always("?"))
    stage.live(HOLD + 5, always("p"))
    assert stage.told == [SystemAlert.OFFLINE]
    stage.live(5, always("?"))
    assert stage.told == [SystemAlert.OFFLINE, SystemAlert.OFFLINE]


def test_a_pause_of_all_rows_within_a_cut_is_no_end_of_it(one_gate: Stage) -> None:
    one_gate.live(3, always("+"))
    one_gate.live(5, always("?"))
    one_gate.live(5 * HOLD, always(" "))
    one_gate.live(5, always("?"))
    assert one_gate.told == [SystemAlert.OFFLINE]
