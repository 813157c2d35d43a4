"""Values as cells of a CSV file that people open with a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "\0")  # noqa: RUF001
"""What begins one, also after what a spreadsheet drops (ASVS 5.0, 1.2.10)."""


def text_cell(value: object) -> str:
    """Text that a spreadsheet would run as a formula is quoted.

    >>> text_cell("=1+1"), text_cell(["a", "b"]), text_cell(None)
    ("'=1+1", 'a b', '')
    """
    text = plain_cell(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain_cell(value: object) -> str:
    """As it is: for numbers of our own, which may be negative."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return " ".join(f"{key}={found}" for key, found in value.items())
    return " ".join(map(plain_cell, value)) if isinstance(value, list) else str(value)
