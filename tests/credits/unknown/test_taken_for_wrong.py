"""What unknown time was taken for, and proves not to have been: nobody takes an approved ruling
back. What is found out about that time moves the month's figure, as docs/billing.md says."""

from __future__ import annotations

from dataclasses import replace

from credits.life.credit import Assumed, CreditRecord, advance
from credits.life.states import CreditState
from monitor.domain.time.interval import Second
from tests.credits.life.builders import by
from tests.credits.unknown.conftest import DARK, OUTAGE, Night
from tests.support.clock import second

S = CreditState
CLOSE, NEXT = "2026-11-02T12:00:00Z", "2026-12-02T12:00:00Z"


def exclude_the_dark(night: Night) -> None:
    """All of it was the customer's own: two accounts leave it out."""
    night.approved(replace(OUTAGE, start=second(DARK[0]), end=second(DARK[1])))


def apply(night: Night) -> CreditRecord:
    """Asked for, approved by a third person, and brought into the balance."""
    (record,) = night.credits()
    for state in (S.REQUESTED, S.UNDER_REVIEW, S.APPROVED, S.APPLYING, S.APPLIED):
        asked = "TCK-1" if state is S.REQUESTED else ""
        who = by("zoe" if state is S.APPROVED else "eva")
        record = record.with_step(advance(record, state, who, ticket=asked))
        with night.journal.transaction() as tx:
            tx.credits.append([record])
    return record


async def test_what_is_due_by_mistake_gives_way_to_an_exclusion_of_that_time(night: Night) -> None:
    await night.close(CLOSE)
    night.decided(Assumed.DOWN)
    assert night.standing() == [("eligible", "3.32")]
    exclude_the_dark(night)
    await night.close(NEXT)
    assert night.standing() == [("superseded", "3.32")]


async def test_what_was_applied_by_mistake_waits_for_a_person_as_an_adjustment(
    night: Night,
) -> None:
    await night.close(CLOSE)
    night.decided(Assumed.DOWN)
    apply(night)
    exclude_the_dark(night)
    await night.close(NEXT)
    assert night.standing() == [("applied", "3.32"), ("pending_human_approval", "-3.32")]


async def test_what_was_closed_by_mistake_is_asked_about_anew_once_its_figure_moves(
    night: Night,
) -> None:
    """A minute of it is left out: with it goes what the former decision was about."""
    await night.close(CLOSE)
    night.decided(Assumed.UP)
    assert night.standing() == [("closed_no_breach", "0.00")]
    night.approved(replace(OUTAGE, start=second(DARK[0]), end=Second(second(DARK[0]) + 60)))
    await night.close(NEXT)
    assert night.standing() == [("closed_no_breach", "0.00"), ("needs_review", "0.00")]
    night.decided(Assumed.DOWN)
    assert night.standing()[1][0] == "eligible"
    assert night.ruling().sources() == []
