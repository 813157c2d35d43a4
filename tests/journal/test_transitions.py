"""Transitions draw windows; corrections supersede and nothing is ever changed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import LocationId
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import timeline_of
from monitor.journal.access import SqlJournal
from monitor.journal.ports import JournalError
from monitor.journal.tables import transition
from monitor.results.log.ports import FoldKey
from tests.journal.builders import MAIL, WEB, decided, step, window


def drawn(journal: SqlJournal, within: Interval, key: FoldKey = WEB) -> list[Transition]:
    with journal.transaction() as tx:
        return list(tx.transitions.drawing(within).get(key, ()))


def kept_rows(journal: SqlJournal) -> list[sa.Row[tuple[object, ...]]]:
    with journal._engine.begin() as connection:
        return list(connection.execute(sa.select(transition).order_by(transition.c.id)).all())


def test_it_gives_back_what_was_appended(journal: SqlJournal) -> None:
    steps = [step("up", 100), step("down", 200, by=320), step("up", 400)]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
    assert drawn(journal, window(0, 1000)) == steps


def test_it_draws_a_window_by_what_is_inside_and_the_last_before(journal: SqlJournal) -> None:
    steps = [
        step(*s) for s in (("up", 100), ("down", 200), ("up", 300), ("down", 400), ("up", 500))
    ]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
    assert drawn(journal, window(350, 500)) == steps[2:4]


def test_it_takes_the_start_of_a_window_in_and_leaves_its_end_out(journal: SqlJournal) -> None:
    steps = [step("up", 100), step("down", 200), step("up", 300)]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
    assert drawn(journal, window(200, 300)) == steps[:2]


def test_it_takes_for_last_what_was_decided_last_not_what_took_effect_last(
    journal: SqlJournal,
) -> None:
    steps = [step("up", 100), step("degraded", 300), step("down", 200, by=400)]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
    assert drawn(journal, window(350, 900)) == steps[2:]


def test_it_keeps_folds_apart(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100)) + decided(step("down", 150), key=MAIL))
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 200)))
    assert drawn(journal, window(120, 900)) == [step("up", 100), step("down", 200)]
    assert drawn(journal, window(120, 900), MAIL) == [step("down", 150)]


def test_it_draws_nothing_of_what_is_still_to_come(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100)))
        assert tx.transitions.drawing(window(0, 100)) == {}


def test_it_draws_the_same_whatever_window_it_is_asked_through(journal: SqlJournal) -> None:
    steps = [
        step("up", 100),
        step("degraded", 180, by=240),
        step("down", 180, by=300),
        step("up", 420),
        step("unknown", 500, by=700),
        step("up", 700),
    ]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
    whole = timeline_of(steps, window(0, 800).end)
    for start in range(90, 790, 7):
        seen = timeline_of(drawn(journal, window(start, 800)), window(0, 800).end)
        for second in range(start, 800, 3):
            at = [
                next((s.status for s in t if s.start <= second < s.end), None)
                for t in (seen, whole)
            ]
            assert at[0] == at[1]


def test_it_supersedes_what_a_correction_replaces(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(
            decided(step("up", 100), step("down", 200), step("up", 300), step("down", 900))
        )
    anew = [step("down", 220), step("up", 280), step("degraded", 290)]
    with journal.transaction() as tx:
        tx.transitions.correct(WEB, window(150, 500), decided(*anew, at=2000))
    assert drawn(journal, window(0, 1000)) == [step("up", 100), *anew, step("down", 900)]


def test_it_takes_back_what_a_correction_leaves_out(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), step("down", 200), step("up", 300)))
    with journal.transaction() as tx:
        tx.transitions.correct(WEB, window(150, 500), [])
    assert drawn(journal, window(0, 1000)) == [step("up", 100)]


def test_it_corrects_a_correction(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), step("down", 200)))
    for at in (210, 220, 230):
        with journal.transaction() as tx:
            tx.transitions.correct(WEB, window(150, 500), decided(step("down", at)))
    assert drawn(journal, window(0, 1000)) == [step("up", 100), step("down", 230)]
    assert [row.revision for row in kept_rows(journal)] == [0, 0, 1, 2, 3]


def test_it_keeps_every_old_row_as_it_was(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), step("down", 200)))
    before = kept_rows(journal)
    with journal.transaction() as tx:
        tx.transitions.correct(WEB, window(150, 500), decided(step("down", 210)))
    after = kept_rows(journal)
    assert after[:2] == before
    assert [row.supersedes for row in after[2:]] == [before[1].id]


def test_it_writes_nothing_for_a_correction_that_changes_nothing(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 200)))
    with journal.transaction() as tx:
        tx.transitions.correct(WEB, window(150, 500), decided(step("down", 200), at=77_777))
    assert len(kept_rows(journal)) == 1


def test_it_leaves_other_folds_alone_when_it_corrects_one(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 200)) + decided(step("down", 200), key=MAIL))
        tx.transitions.correct(WEB, window(0, 500), [])
    assert drawn(journal, window(0, 500), MAIL) == [step("down", 200)]


def test_it_refuses_a_correction_outside_of_its_window(journal: SqlJournal) -> None:
    with pytest.raises(ValueError, match="not of"), journal.transaction() as tx:
        tx.transitions.correct(WEB, window(0, 100), decided(step("down", 100)))


@pytest.mark.parametrize("edit", [sa.update(transition).values(cause="x"), sa.delete(transition)])
def test_it_lets_nobody_change_a_row(journal: SqlJournal, edit: sa.Update | sa.Delete) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 200)))
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.transitions._connection.execute(edit)
    assert drawn(journal, window(0, 500)) == [step("down", 200)]


def test_it_gives_what_one_fold_has_inside_a_window(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("down", 100), step("up", 200), step("down", 300)))
        tx.transitions.append(decided(step("down", 210), key=MAIL))
        tx.transitions.correct(WEB, window(250, 400), decided(step("down", 310)))
    with journal.transaction() as tx:
        assert tx.transitions.inside(WEB, window(150, 500)) == [step("up", 200), step("down", 310)]
        assert tx.transitions.inside(WEB, window(301, 310)) == []
        assert tx.transitions.inside(MAIL, window(0, 500)) == [step("down", 210)]


def test_it_takes_back_all_that_was_decided_from_a_second_on(journal: SqlJournal) -> None:
    steps = [step("up", 100), step("down", 200, by=320), step("unknown", 340, by=500)]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
        tx.transitions.append(decided(step("up", 100), step("down", 250, by=310), key=MAIL))
    before = kept_rows(journal)
    with journal.transaction() as tx:
        assert list(tx.transitions.withdraw(Second(320), Second(900))) == [WEB]
    assert drawn(journal, window(0, 1000)) == steps[:1]
    assert len(drawn(journal, window(0, 1000), MAIL)) == 2
    assert kept_rows(journal)[: len(before)] == before
    with journal.transaction() as tx:
        assert list(tx.transitions.withdraw(Second(320), Second(901))) == []


def test_it_gives_back_what_was_taken_back_and_only_that(journal: SqlJournal) -> None:
    steps = [step("up", 100), step("down", 200, by=320), step("up", 340, by=500)]
    with journal.transaction() as tx:
        tx.transitions.append(decided(*steps))
        tx.transitions.correct(WEB, window(330, 600), [])
        after = tx.transitions.newest()
        tx.transitions.withdraw(Second(300), Second(900))
        through = tx.transitions.newest()
    assert drawn(journal, window(0, 1000)) == steps[:1]
    with journal.transaction() as tx:
        assert list(tx.transitions.reinstate(after, through, Second(950))) == [WEB]
    assert drawn(journal, window(0, 1000)) == steps[:2]
    with journal.transaction() as tx:
        assert list(tx.transitions.reinstate(after, through, Second(960))) == []


def test_it_tells_where_a_timeline_begins_whatever_was_corrected(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), step("down", 200)))
        tx.transitions.append(decided(step("up", 300), key=MAIL))
        tx.transitions.correct(WEB, window(0, 150), decided(step("up", 120)))
    with journal.transaction() as tx:
        assert tx.transitions.first([WEB, MAIL]) == {WEB: 120, MAIL: 300}
        assert tx.transitions.first([WEB, (MAIL[0], LocationId("mza"))]) == {WEB: 120}


def test_it_says_what_was_decided_behind_a_row_and_leaves_corrections_out(
    journal: SqlJournal,
) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), at=110))
        start = tx.transitions.newest()
        tx.transitions.append(decided(step("down", 200), key=MAIL, at=210))
        tx.transitions.append(decided(step("down", 300), at=310))
        tx.transitions.correct(WEB, window(250, 400), decided(step("down", 320), at=900))
        tx.transitions.append(decided(step("up", 500), at=510))
    with journal.transaction() as tx:
        found = tx.transitions.decided_after(start, 10)
        assert [d for _, d in found] == [
            *decided(step("down", 200), key=MAIL, at=210),
            *decided(step("down", 300), at=310),
            *decided(step("up", 500), at=510),
        ]
        numbers = [number for number, _ in found]
        assert numbers == sorted(numbers)
        assert tx.transitions.decided_after(start, 1) == found[:1]
        assert tx.transitions.decided_after(numbers[1], 10) == found[2:]
        assert tx.transitions.decided_after(tx.transitions.newest(), 10) == []


def test_it_says_from_which_second_on_something_is_new_behind_a_row(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert tx.transitions.earliest_behind(0) is None
        tx.transitions.append(decided(step("up", 100), step("down", 200)))
        start = tx.transitions.newest()
        assert tx.transitions.earliest_behind(start) is None
        tx.transitions.append(decided(step("up", 300)))
        assert tx.transitions.earliest_behind(start) == 300
        tx.transitions.correct(WEB, window(150, 250), decided(step("down", 220)))
        assert tx.transitions.earliest_behind(start) == 220
        start = tx.transitions.newest()
        tx.transitions.withdraw(Second(0), Second(900))
        assert tx.transitions.earliest_behind(start) == 100


def test_it_says_whether_the_past_was_changed_behind_a_row(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.transitions.append(decided(step("up", 100), step("down", 200)))
        start = tx.transitions.newest()
        tx.transitions.append(decided(step("up", 300)))
        assert not tx.transitions.has_corrected(start)
        tx.transitions.correct(WEB, window(150, 250), decided(step("down", 220)))
        assert tx.transitions.has_corrected(start)
        assert not tx.transitions.has_corrected(tx.transitions.newest())
        start = tx.transitions.newest()
        tx.transitions.withdraw(Second(0), Second(900))
        assert tx.transitions.has_corrected(start)
