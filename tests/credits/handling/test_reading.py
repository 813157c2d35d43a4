"""Credits are found by what people know of them, and told with their whole story."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from credits.handling.commands import Judged
from credits.handling.fields import credit_fields, judged_fields, story_fields
from credits.life.credit import CreditId
from credits.life.states import CreditState
from credits.ports import WantedCredits
from monitor.domain.refusals import Refused
from tests.credits.handling.counter import EVA, LUZ, Counter, owed
from tests.credits.life.builders import due

BUENOS_AIRES = ZoneInfo("America/Argentina/Buenos_Aires")
NAMES = ("BON-2026-10-1", "BON-2026-10-2", "BON-2026-11-1")


@pytest.fixture
def shop(counter: Counter) -> Counter:
    counter.keep(
        owed(NAMES[0]),
        owed(NAMES[1], client="78", contract="C-2"),
        owed(NAMES[2], ordinal=1, period="2026-11"),
    )
    counter.of(EVA).request(NAMES[0], ticket="ABC-1", client="77")
    return counter


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WantedCredits(), [2, 1, 0]),
        (WantedCredits(state=CreditState.ELIGIBLE), [2, 1]),
        (WantedCredits(state=CreditState.REQUESTED), [0]),
        (WantedCredits(period="2026-10"), [1, 0]),
        (WantedCredits(client="77"), [2, 0]),
        (WantedCredits(contract="C-2"), [1]),
        (WantedCredits(client="77", period="2026-10", state=CreditState.REQUESTED), [0]),
        (WantedCredits(client="79"), []),
    ],
)
def test_they_are_found_by_state_month_client_and_contract(
    shop: Counter, wanted: WantedCredits, found: list[int]
) -> None:
    assert [r.id for r in shop.reading().page(wanted, None, 9)] == [NAMES[n] for n in found]


def test_they_are_read_page_by_page_the_newest_month_first(shop: Counter) -> None:
    first = shop.reading().page(WantedCredits(), None, 2)
    rest = shop.reading().page(WantedCredits(), first[-1].id, 2)
    assert [r.id for r in (*first, *rest)] == list(reversed(NAMES))


def test_the_story_has_steps_money_tickets_and_who_may_not_approve(shop: Counter) -> None:
    shop.proposes("luz")
    story = story_fields(shop.reading().show(NAMES[0]), BUENOS_AIRES)
    assert [(s["before"], s["after"], s["actor"]) for s in story["steps"]] == [
        (None, "eligible", "estado"), ("eligible", "requested", "eva"),
    ]  # fmt: skip
    assert [(e["account"], e["amount"]) for e in story["steps"][0]["moved"]] == [
        ("expense", "-6.86"), ("owed", "6.86"),
    ]  # fmt: skip
    assert story["steps"][1]["ticket"] == "ABC-1"
    assert [(e["account"], e["amount"]) for e in story["steps"][1]["moved"]] == [
        ("owed", "-6.86"), ("owed", "6.86"),
    ]  # fmt: skip
    assert story["amounts"] == [{"currency": "USD", "amount": "6.86"}]
    assert story["barred"] == [
        {"account": "eva", "why": ["asked"]}, {"account": "luz", "why": ["proposed"]},
    ]  # fmt: skip
    assert [(one["credit_id"], one["type"]) for one in story["beside"]] == [
        (NAMES[2], "adjustment")
    ]


def test_amounts_are_told_by_currency_and_never_across(counter: Counter) -> None:
    lines = (due("6.86"), due("1.14", line="L2"), due("62", line="L3", currency="CLP"))
    counter.keep(owed(lines=lines))
    (record,) = counter.reading().page(WantedCredits(), None, 9)
    assert credit_fields(record, BUENOS_AIRES)["amounts"] == [
        {"currency": "CLP", "amount": "62"}, {"currency": "USD", "amount": "8.00"},
    ]  # fmt: skip


def test_one_of_many_says_how_it_stands_or_why_not() -> None:
    refusal = Refused("credit.no_arrow", id="BON-1", state="eligible", wanted="approved")
    assert judged_fields(Judged(credit=CreditId("BON-1"), refusal=refusal)) == {
        "credit_id": "BON-1", "is_done": False, "state": None, "revision": None,
        "code": "credit.no_arrow",
    }  # fmt: skip


def test_who_may_not_read_credits_finds_none(shop: Counter) -> None:
    with pytest.raises(Refused, match=r"scope\.missing"):
        shop.reading(replace(EVA, scopes=frozenset())).page(WantedCredits(), None, 9)
    assert shop.reading(LUZ).page(WantedCredits(), None, 9)
