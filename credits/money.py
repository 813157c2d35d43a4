"""Money: an exact amount and its currency, rounded once, by a named rule, at the end.

Amounts are `Decimal` where people wrote them and `Fraction` while they are being computed; no float
is used for either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache


class Rounding(StrEnum):
    """What happens to exactly half of a minor unit: away from zero, or to the even neighbour."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency (ISO 4217 code)."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not self.amount.is_finite():
            raise ValueError(f"an amount of money is a finite number, got {self.amount}")

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"


def minor_units(currency: str) -> int:
    """Digits after the point by ISO 4217; an unknown code has two.

    >>> minor_units("USD"), minor_units("CLP"), minor_units("KWD")
    (2, 0, 3)
    """
    return MINOR_UNITS.get(currency, 2)


def round_money(exact: Fraction, currency: str, rule: Rounding) -> Money:
    """The one rounding, to the currency's minor unit.

    >>> str(round_money(Fraction(45, 1000), "USD", Rounding.HALF_UP))
    '0.05 USD'
    >>> str(round_money(Fraction(45, 1000), "USD", Rounding.HALF_EVEN))
    '0.04 USD'
    >>> str(round_money(Fraction(125, 2), "CLP", Rounding.HALF_UP))
    '63 CLP'
    """
    digits = minor_units(currency)
    units = _nearest(exact * 10**digits, rule)
    return Money(Decimal(units).scaleb(-digits), currency)


def _nearest(exact: Fraction, rule: Rounding) -> int:
    if rule is Rounding.HALF_EVEN:
        return round(exact)
    nearest = int((2 * abs(exact) + 1) // 2)
    return nearest if exact >= 0 else -nearest


@lru_cache(maxsize=1024)
def exact_text(value: Fraction | Decimal) -> str:
    """A number as a plain decimal without trailing zeros; a fraction where the decimal has no end.

    >>> exact_text(Fraction(14256, 5)), exact_text(Fraction(2376)), exact_text(Fraction(1, 3))
    ('2851.2', '2376', '1/3')
    """
    exact = Fraction(value)
    twos, fives, rest = 0, 0, exact.denominator
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return f"{exact.numerator}/{exact.denominator}"
    digits = max(twos, fives)
    scaled = abs(exact.numerator) * 10**digits // exact.denominator
    sign = "-" if exact < 0 else ""
    whole, part = divmod(scaled, 10**digits)
    return f"{sign}{whole}.{part:0{digits}d}" if digits else f"{sign}{whole}"


_BY_DIGITS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN"
    " BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP"
    " GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT"
    " LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO"
    " NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS"
    " SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD"
    " XCG YER ZAR ZMW ZWG ZWL",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_UNITS: Mapping[str, int] = {
    code: digits for digits, codes in _BY_DIGITS.items() for code in codes.split()
}
"""Digits after the point, by alphabetic code."""
