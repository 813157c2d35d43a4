"""What a source offers for one decision means exactly its own credits."""

from __future__ import annotations

from dataclasses import replace

from credits.life.credit import CreditId, begin
from credits.life.states import CreditState
from credits.period.month import Month
from credits.unknown.sources import chosen_from, sources_of
from credits.unknown.waiting import UnknownStretch, Waiting
from monitor.domain.time.interval import Interval, Second
from tests.credits.life.builders import by, credit, due

MONTH = Month.read("2026-10")
FIRST, MIDDLE, LAST = (100, 200), (1_000, 1_100), (2_000, 2_100)


def waits(name: str, *spans: tuple[int, int]) -> Waiting:
    made = replace(credit(due("0.00", worst="5.10")), id=CreditId(name))
    return Waiting(
        record=begin(made, CreditState.NEEDS_REVIEW, by("estado")),
        month=MONTH,
        stretches=tuple(
            UnknownStretch(
                span=Interval(Second(start), Second(end)), cause="offline",
                checks=(), components=(),
            )
            for start, end in spans
        ),
    )  # fmt: skip


def test_a_source_of_two_times_never_means_a_credit_of_a_time_between_them() -> None:
    every = [waits("BON-1", FIRST, LAST), waits("BON-2", MIDDLE)]
    found = {len(source.episodes): source for source in sources_of(every)}
    assert found[2].chosen is None
    only = found[1].chosen
    assert only is not None
    assert chosen_from(every, only) == (every[1],)


def test_what_each_source_offers_means_its_own_credits_and_no_others() -> None:
    every = [waits("BON-1", FIRST, LAST), waits("BON-2", FIRST), waits("BON-3", MIDDLE, LAST)]
    for source in sources_of(every):
        if source.chosen is not None:
            assert chosen_from(every, source.chosen) == source.waiting


def test_a_source_of_two_times_that_is_alone_is_named_at_once() -> None:
    every = [waits("BON-1", FIRST, LAST), waits("BON-2", LAST, FIRST)]
    (source,) = sources_of(every)
    assert source.chosen is not None
    assert source.chosen.span == Interval(Second(FIRST[0]), Second(LAST[1]))
    assert len(chosen_from(every, source.chosen)) == 2
