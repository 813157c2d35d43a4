"""Reading values that people wrote: every problem is collected, and no value is guessed.

A problem says where it is, what was wanted and what was got. Floats are refused: a caller that
parses JSON or YAML for this package passes numbers as text, `int` or `Decimal`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

Choice = TypeVar("Choice", bound=StrEnum)
_SHOWN = 60
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
"""A number as invoices have it: `1_000`, `1e3` and digits of other scripts are mistakes."""
_RATIO = re.compile(r"([0-9]{1,9})/([1-9][0-9]{0,8})")
"""A fraction as a person writes it, or as `exact_text` does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with a field; `path` names it (`input.invoices[1].net_amount`)."""

    path: str
    wanted: str
    got: str

    def __str__(self) -> str:
        return f"{self.path}: wanted {self.wanted}, got {self.got}"


class InvalidFields(Exception):
    """Everything that is wrong with one document, at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


def shown(value: object) -> str:
    """A value as an error shows it: short, and distinct from similar values (`1` and `'1'`)."""
    text = "nothing" if value is None else repr(value)
    if isinstance(value, Decimal):
        text = str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def nearest(name: str, known: Collection[str]) -> str:
    """A hint at the name that may have been meant; empty where no known name is similar.

    >>> nearest("standrad", ["standard", "gold"]), nearest("x", ["gold"])
    (", perhaps 'standard'", '')
    """
    near = get_close_matches(name, [*known], n=1)
    return f", perhaps {near[0]!r}" if near else ""


class Fields:
    """One mapping of a document, read field by field; the whole document shares `problems`.

    A field that cannot be read gives its default, so that reading goes on and finds further
    problems.
    """

    def __init__(self, values: Mapping[str, object], path: str, problems: list[Problem]) -> None:
        self.values = values
        self.path = path
        self.problems = problems

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def complain(self, key: str, wanted: str) -> None:
        self.problems.append(
            Problem(path=self.at(key), wanted=wanted, got=shown(self.values.get(key)))
        )

    def known(self, keys: Collection[str]) -> None:
        """Refuse unknown keys: a mistyped key would silently cost money."""
        for key in self.values:
            if key not in keys:
                hint = f"a known field{nearest(str(key), keys)}"
                self.problems.append(Problem(path=self.at(str(key)), wanted=hint, got=shown(key)))

    def mistyped(self, keys: Collection[str]) -> None:
        """Refuse keys that are nearly a known key; other unknown keys are notes for readers."""
        for key in self.values:
            near = get_close_matches(str(key), [*keys], n=1, cutoff=0.75)
            if key not in keys and near:
                wanted = f"a known field, perhaps {near[0]!r}"
                self.problems.append(Problem(path=self.at(str(key)), wanted=wanted, got=shown(key)))

    def has(self, key: str) -> bool:
        return self.values.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not empty; it is required unless there is a default."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, str) and value:
            return value
        self.complain(key, "text")
        return default or ""

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.complain(key, "true or false")
            return default
        return value

    def count(self, key: str, default: int | None = None, *, least: int = 0) -> int:
        """A whole number; digits in text count as one."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        found = whole(value)
        if found is None or found < least:
            self.complain(key, f"a whole number of at least {least}")
            return default if default is not None else least
        return found

    def number(
        self,
        key: str,
        default: Decimal | None = None,
        *,
        least: Decimal = Decimal(0),
        most: Decimal | None = None,
    ) -> Decimal:
        """An exact decimal within bounds."""
        value = self.values.get(key)
        if value is None and default is not None:
            return default
        found = decimal(value)
        if found is None or found < least or (most is not None and found > most):
            upper = f" and at most {most}" if most is not None else ""
            self.complain(key, f"a decimal number of at least {least}{upper}")
            return default if default is not None else least
        return found

    def fractions(self) -> dict[str, Fraction]:
        """Every value of this mapping as an exact number that is not negative, by name."""
        out: dict[str, Fraction] = {}
        for key in sorted(self.values):
            found = fraction(self.values.get(key))
            if found is None or found < 0:
                self.complain(key, "a number of at least 0, such as 0.05 or 1/30")
            else:
                out[key] = found
        return out

    def choice(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self.complain(key, "one of " + ", ".join(kind))
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; absent is empty."""
        out: list[str] = []
        for i, value in enumerate(self.listed(key)):
            if isinstance(value, str) and value:
                out.append(value)
            else:
                path = f"{self.at(key)}[{i}]"
                self.problems.append(Problem(path=path, wanted="text", got=shown(value)))
        return tuple(out)

    def listed(self, key: str) -> Sequence[object]:
        """A list; absent is empty."""
        value = self.values.get(key)
        if value is None:
            return ()
        if isinstance(value, (list, tuple)):
            return value
        self.complain(key, "a list")
        return ()

    def inner(self, key: str) -> Fields:
        """A mapping inside this one; absent is empty."""
        value = self.values.get(key)
        if value is None:
            return Fields({}, self.at(key), self.problems)
        if isinstance(value, Mapping):
            return Fields(value, self.at(key), self.problems)
        self.complain(key, "a mapping")
        return Fields({}, self.at(key), self.problems)

    def inners(self, key: str) -> list[Fields]:
        """A list of mappings; absent is empty."""
        out: list[Fields] = []
        for i, value in enumerate(self.listed(key)):
            path = f"{self.at(key)}[{i}]"
            if isinstance(value, Mapping):
                out.append(Fields(value, path, self.problems))
            else:
                self.problems.append(Problem(path=path, wanted="a mapping", got=shown(value)))
        return out


def whole(value: object) -> int | None:
    """A whole number; None for anything else."""
    number = decimal(value)
    return int(number) if number is not None and number == number.to_integral_value() else None


def fraction(value: object) -> Fraction | None:
    """An exact number, which may be written as a fraction; None for anything else.

    >>> fraction("1/30"), fraction("0.05"), fraction("1/0"), fraction(0.05)
    (Fraction(1, 30), Fraction(1, 20), None, None)
    """
    ratio = _RATIO.fullmatch(value) if isinstance(value, str) else None
    if ratio is not None:
        return Fraction(int(ratio[1]), int(ratio[2]))
    found = decimal(value)
    return None if found is None else Fraction(found)


def decimal(value: object) -> Decimal | None:
    """An exact decimal out of `int`, `Decimal` or plain text; None for anything else, floats too.

    >>> decimal("0.30"), decimal(0.3), decimal(True), decimal("1_0"), decimal("1e3")
    (Decimal('0.30'), None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        return None
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return None
    found = Decimal(value)
    return found if found.is_finite() and abs(found.adjusted()) <= 30 else None
