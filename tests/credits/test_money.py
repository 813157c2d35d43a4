"""Money is exact until the one rounding at its end."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.money import Money, Rounding, exact_text, minor_units, round_money

FRACTIONS = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=10**6)


@pytest.mark.parametrize(
    ("exact", "rule", "wanted"),
    [
        ("0.045", Rounding.HALF_UP, "0.05"),
        ("0.045", Rounding.HALF_EVEN, "0.04"),
        ("0.055", Rounding.HALF_EVEN, "0.06"),
        ("-0.045", Rounding.HALF_UP, "-0.05"),
        ("0.0449999999", Rounding.HALF_UP, "0.04"),
        ("2", Rounding.HALF_UP, "2.00"),
    ],
)
def test_ties_go_where_the_rule_says(exact: str, rule: Rounding, wanted: str) -> None:
    assert str(round_money(Fraction(exact), "USD", rule).amount) == wanted


def test_pesos_without_cents_have_none() -> None:
    assert (minor_units("CLP"), minor_units("ARS"), minor_units("XXX")) == (0, 2, 2)
    assert str(round_money(Fraction("62.5"), "CLP", Rounding.HALF_UP)) == "63 CLP"


def test_dinars_are_rounded_to_a_thousandth() -> None:
    """Half a day of May, of 19.990 dinars."""
    exact = Fraction("19.990") * 43_200 / (31 * 86_400)
    assert str(round_money(exact, "KWD", Rounding.HALF_UP)) == "0.322 KWD"


@given(FRACTIONS, st.sampled_from(Rounding))
def test_rounding_moves_an_amount_by_half_a_unit_at_most(exact: Fraction, rule: Rounding) -> None:
    for currency in ("USD", "CLP"):
        unit = Fraction(1, 10 ** minor_units(currency))
        rounded = Fraction(round_money(exact, currency, rule).amount)
        assert abs(rounded - exact) * 2 <= unit
        assert (rounded / unit).denominator == 1


@given(FRACTIONS)
def test_exact_text_loses_nothing(exact: Fraction) -> None:
    assert Fraction(exact_text(exact)) == exact


def test_what_is_no_number_is_no_money() -> None:
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal("NaN"), "USD")
