"""Terms are values: equal promises have one hash, and their text gives them back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from credits.contract import Contract, ContractId, TermsPeriod
from credits.fields import InvalidFields
from credits.terms import Terms, terms_of, terms_of_text
from monitor.domain.time.interval import Interval, Second

FULL = {
    "guarantee": "0.9989", "policy": "tiers", "basis": "excess_over_allowance",
    "multiplier": "2.50", "cap_fraction": "0.5", "rounding": "half_even",
    "denominator": "measured", "degraded_weight": "0.3", "management": "self-managed",
    "tiers": [{"below": "0.95", "credit": "1"}, {"below": "0.99", "credit": "0.25"}],
    "maintenance_exclusion": {"enabled": False, "min_notice_s": 3600},
    "required": ["web", "dns"], "groups": {"ns1": "dns", "ns2": "dns"},
    "exclusions_allowed": ["force_majeure"],
}  # fmt: skip


def test_the_text_gives_the_terms_back() -> None:
    terms = terms_of(FULL)
    assert terms_of_text(terms.text) == terms
    assert terms.multiplier == Decimal("2.5")


def test_equal_promises_have_one_hash_however_they_are_written() -> None:
    other = {
        **dict(reversed(FULL.items())),
        "multiplier": "2.5",
        "guarantee": "0.99890",
        "required": ["dns", "web", "dns"],
        "tiers": [{"below": "0.990", "credit": "0.25"}, {"below": "0.95", "credit": "1.00"}],
    }
    assert terms_of(other).hash == terms_of(FULL).hash


@pytest.mark.parametrize("key", sorted(FULL))
def test_every_field_is_part_of_the_hash(key: str) -> None:
    without = {k: v for k, v in FULL.items() if k != key}
    without.setdefault("guarantee", "0.99")
    assert terms_of(without).hash != terms_of(FULL).hash


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(InvalidFields) as told:
        terms_of({"guarantee": 0.9989, "rounding": "up", "tires": []})
    assert [str(p) for p in told.value.problems] == [
        "terms.tires: wanted a known field, perhaps 'tiers', got 'tires'",
        "terms.guarantee: wanted a decimal number of at least 0 and at most 1, got 0.9989",
        "terms.rounding: wanted one of half_up, half_even, got 'up'",
    ]


def promised(*spans: tuple[int, int, str]) -> Contract:
    periods = tuple(
        TermsPeriod(
            period=Interval(Second(a), Second(b)), label="t", terms=Terms(guarantee=Decimal(share))
        )
        for a, b, share in spans
    )
    whole = Interval(Second(0), Second(100))
    return Contract(
        id=ContractId("c"), client_id="1", service_id="2", product="p", active=(whole,),
        terms=periods,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spans", "wanted"),
    [
        ([(0, 100, "0.9")], [(10, 90, "0.9")]),
        ([(0, 40, "0.9"), (40, 100, "0.8")], [(10, 40, "0.9"), (40, 90, "0.8")]),
        ([(0, 40, "0.9"), (40, 100, "0.9")], [(10, 90, "0.9")]),
        ([(0, 5, "0.9"), (5, 100, "0.8")], [(10, 90, "0.8")]),
        ([(0, 30, "0.9"), (50, 100, "0.8")], [(10, 50, "0.9"), (50, 90, "0.8")]),
        ([(20, 95, "0.9"), (95, 200, "0.8")], [(10, 90, "0.9")]),
        ([], []),
    ],
)
def test_terms_that_change_cut_a_window_and_price_alone_does_not(
    spans: list[tuple[int, int, str]], wanted: list[tuple[int, int, str]]
) -> None:
    parts = promised(*spans).parts(Interval(Second(10), Second(90)))
    assert [(p.start, p.end, str(t.terms.guarantee)) for p, t in parts] == wanted
