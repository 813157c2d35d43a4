"""Where each fold stands survives as it was."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import LOCAL, CheckId, LocationId, Outcome
from monitor.domain.time.eras import REMEMBERED
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.access import SqlJournal
from monitor.journal.ports import SeenStates
from monitor.journal.repositories.folds import decode, encode
from tests.journal.builders import MAIL, WEB

FULL = FoldState(
    status=Outcome.DEGRADED,
    cause="too_slow",
    since=Second(100),
    last_slot=Second(460),
    covered_until=Second(520),
    last_success=Second(460),
    last_failure=Second(40),
    failures=1,
    first_failure=Second(400),
    successes=2,
    first_success=Second(420),
    slow=((Second(400), True), (Second(460), False)),
    is_confirmed=True,
    revision=4,
    era=3,
    is_stepped=True,
)


def test_the_full_state_leaves_no_field_at_its_default() -> None:
    assert [f.name for f in fields(FoldState) if getattr(FULL, f.name) == f.default] == []


def test_it_starts_with_nothing(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        assert (tx.folds.cursor(), dict(tx.folds.states()), dict(tx.folds.dirty())) == (0, {}, {})


def test_it_gives_states_and_cursor_back(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.folds.save({WEB: FULL, MAIL: FoldState()}, 17)
    with journal.transaction() as tx:
        assert tx.folds.states() == {WEB: FULL, MAIL: FoldState()}
        assert tx.folds.cursor() == 17


def test_it_replaces_the_states_that_are_saved_again_and_keeps_the_rest(
    journal: SqlJournal,
) -> None:
    with journal.transaction() as tx:
        tx.folds.save({WEB: FoldState(), MAIL: FoldState()}, 17)
    with journal.transaction() as tx:
        tx.folds.save({WEB: FULL}, 18)
    with journal.transaction() as tx:
        assert tx.folds.states() == {WEB: FULL, MAIL: FoldState()}


def test_it_moves_the_cursor_where_no_state_changed(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.folds.save({}, 5)
    with journal.transaction() as tx:
        assert tx.folds.cursor() == 5


def test_it_remembers_a_dirty_day_once_until_it_is_clean(journal: SqlJournal) -> None:
    day = Second(86_400)
    with journal.transaction() as tx:
        tx.folds.mark_dirty([(WEB, day), (MAIL, day)])
        tx.folds.mark_dirty([(WEB, day), (WEB, Second(0))])
    with journal.transaction() as tx:
        assert tx.folds.dirty() == {MAIL: [day], WEB: [Second(0), day]}
        tx.folds.clean([(WEB, Interval(day, FOREVER))])
    with journal.transaction() as tx:
        assert tx.folds.dirty() == {MAIL: [day], WEB: [Second(0)]}


def test_it_gives_dirty_days_fold_by_fold_a_page_at_a_time(journal: SqlJournal) -> None:
    elsewhere = (WEB[0], LocationId("mza"))
    days = [Second(0), Second(86_400)]
    with journal.transaction() as tx:
        tx.folds.save({(CheckId("clean"), LOCAL): FoldState()}, 1)
        tx.folds.mark_dirty([(key, day) for key in (WEB, MAIL, elsewhere) for day in days])
    with journal.transaction() as tx:
        whole = list(tx.folds.dirty())
        pages = [tx.folds.dirty(after=after, folds=2) for after in (None, whole[1], whole[2])]
    assert sorted(whole) == sorted([WEB, MAIL, elsewhere])
    assert [list(page) for page in pages] == [whole[:2], whole[2:], []]
    assert all(found == days for page in pages for found in page.values())


@pytest.mark.parametrize("state", [FULL, FoldState(), replace(FULL, cause='a "b" \\ ñ')])
def test_it_writes_by_hand_what_json_reads(state: FoldState) -> None:
    assert decode(json.loads(encode(state))) == state


STORED = (
    '{"status":"degraded","cause":"too_slow","covered_until":520,"era":3,"failures":1,'
    '"first_failure":400,"first_success":420,"last_failure":40,"last_slot":460,"last_success":460,'
    '"revision":4,"since":100,"successes":2,"slow":[[400,true],[460,false]],"proven":true,'
    '"is_stepped":true}'
)
STORED_FIRST = (
    '{"status":"unknown","cause":"","era":0,"failures":0,"revision":0,"successes":0,"slow":[],'
    '"proven":false}'
)


@pytest.mark.parametrize(("state", "stored"), [(FULL, STORED), (FoldState(), STORED_FIRST)])
def test_what_is_stored_stays_the_same_byte_for_byte(state: FoldState, stored: str) -> None:
    """Journals of every version have these words, whatever the fields are called."""
    assert encode(state) == stored
    assert decode(json.loads(stored)) == state


def test_it_reads_a_state_of_another_version() -> None:
    kept = json.loads(encode(FULL)) | {"of_tomorrow": 1}
    del kept["proven"]
    assert decode(kept).slow == FULL.slow
    assert decode(kept).is_confirmed is False


def test_it_keeps_where_the_folds_stood_when_an_era_began(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.folds.save({WEB: FULL}, 17)
        tx.folds.enter_era(1)
        tx.folds.save({WEB: FoldState(), MAIL: FULL}, 18)
        tx.folds.enter_era(2)
        tx.folds.forget([MAIL])
    with journal.transaction() as tx:
        assert tx.folds.era() == 2
        assert tx.folds.snapshots() == [(2, {WEB: FoldState(), MAIL: FULL}), (1, {WEB: FULL})]
        assert dict(tx.folds.states()) == {WEB: FoldState()}


def test_it_keeps_the_beginnings_of_the_last_eras_alone(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.folds.save({WEB: FULL}, 17)
        entered = (1, 2, 5, *range(6, 6 + REMEMBERED))
        for era in entered:
            tx.folds.enter_era(era)
        kept = [era for era, _ in tx.folds.snapshots()]
        assert kept == sorted(entered, reverse=True)[:REMEMBERED]


def test_states_that_are_stored_as_before_are_those_of_before(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.folds.save({WEB: FULL, MAIL: FULL}, 1)
    with journal.transaction() as tx:
        first = tx.folds.seen(SeenStates())
        assert first.states == {WEB: FULL, MAIL: FULL} == tx.folds.states()
        tx.folds.save({MAIL: replace(FULL, failures=7)}, 2)
    with journal.transaction() as tx:
        later = tx.folds.seen(first)
        assert later.states == {WEB: FULL, MAIL: replace(FULL, failures=7)}
        assert later.states[WEB] is first.states[WEB]
        tx.folds.forget([WEB])
        assert tx.folds.seen(later).states.keys() == {MAIL}
