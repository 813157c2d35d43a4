"""What is wrong with a configuration: every fault, each where it stands."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""The way to a value from the top of the document: keys of mappings, indexes of lists."""

MOST_OF_A_KIND = 20
"""A wrong default, or one line that a script wrote a thousand times, is one mistake."""
MOST_SHOWN = 200
_LONGEST_KEY = 60
_INDEX = re.compile(r"\[\d+\]")
_SHOWN = 60


class Wanted(ValueError):
    """Raised by the reader of one value: what it should have been, and `got` where only a part
    of it is wrong. The reader of the whole document adds the place."""

    def __init__(self, wanted: str, got: str | None = None) -> None:
        super().__init__(wanted)
        self.got = got


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something wrong at a path; `got` is empty where the value must not be shown or says
    nothing. `line` counts from 1; None: the line that the path leads to. `compares` are the paths
    of the values from which the fault was concluded: where one of these has a fault itself, this
    fault is not reported.
    """

    path: Path
    wanted: str
    got: str = ""
    line: int | None = None
    compares: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigError:
    """One fault with its place in the file.

    >>> str(ConfigError(filename="a.yaml", line=7, path="page.url", wanted="is required"))
    'a.yaml:7: page.url: is required'
    """

    filename: str
    line: int
    path: str
    wanted: str
    got: str = ""

    @property
    def kind(self) -> str:
        """Its place, whichever item of each list it is in.

        >>> ConfigError(filename="a", line=7, path="terms[3].policy", wanted="is required").kind
        'terms[].policy'
        """
        return _INDEX.sub("[]", self.path)

    def __str__(self) -> str:
        place = f"{self.filename}:{self.line}: "
        where = f"{self.path}: " if self.path else ""
        got = f", got {self.got}" if self.got else ""
        return f"{place}{where}{self.wanted}{got}"


class ConfigErrors(Exception):
    """Everything that is wrong with one file, in the order of its lines."""

    def __init__(self, errors: Iterable[ConfigError]) -> None:
        self.errors = tuple(sorted(set(errors), key=lambda e: (e.line, e.path, e.wanted, e.got)))
        super().__init__(self.errors)

    def __str__(self) -> str:
        """One line each, but no more than a person reads: the first few of each kind, and how many
        more there are of it."""
        shown: list[str] = []
        counted, more = Counter[str](), Counter[str]()
        for error in self.errors:
            if counted[error.kind] < MOST_OF_A_KIND and len(shown) < MOST_SHOWN:
                counted[error.kind] += 1
                shown.append(str(error))
            else:
                more[error.kind] += 1
        named = more.most_common(MOST_OF_A_KIND)
        shown += [f"{count} more like these: {kind}" for kind, count in named]
        if others := more.total() - sum(count for _, count in named):
            shown.append(f"{others} more at {len(more) - len(named)} other places")
        return "\n".join(shown)


def write_path(path: Path) -> str:
    """The path as a person would write it.

    >>> write_path(("services", 0, "checks", 3, "timeout"))
    'services[0].checks[3].timeout'
    """
    written = ""
    for part in path:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += f"{'.' if written else ''}{_key(part)}"
    return written


def show(value: Any) -> str:
    """A value as it stands in the file, cut short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _key(key: str) -> str:
    shown = key if key.isprintable() else repr(key)
    return shown if len(shown) <= _LONGEST_KEY else f"{shown[:_LONGEST_KEY]}…"
