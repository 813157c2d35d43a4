"""A folder is a capability: somebody who opens it sees all of it at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.tree import ROOT, sources

MOST = 16
"""Modules of one folder, its `__init__.py` too."""

GROWING = ("monitor/journal/migrations/versions",)
"""Each release may add one, and none is ever taken away or put elsewhere."""


def crowded(modules: Iterable[Path]) -> dict[str, int]:
    """Each folder with more modules than somebody takes in, with how many."""
    held = Counter(str(module.relative_to(ROOT).parent) for module in modules)
    return {f: n for f, n in sorted(held.items()) if n > MOST and f not in GROWING}


def planted(folder: str, number: int) -> Iterator[Path]:
    yield from (ROOT / folder / f"planted_{n}.py" for n in range(number))


def test_no_folder_holds_more_modules_than_somebody_takes_in() -> None:
    assert crowded(sources()) == {}


def test_it_would_notice_a_folder_that_fills_up() -> None:
    assert crowded(planted("probes/planted", MOST)) == {}
    assert crowded(planted("probes/planted", MOST + 1)) == {"probes/planted": MOST + 1}
