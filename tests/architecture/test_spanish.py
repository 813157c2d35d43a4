"""One word for one thing, in Spanish too: see the glossary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.tree import ROOT

OTHER_WORDS = {
    "chequeo": "control",
    "chequear": "controlar",
    "monitoreo": "monitor",
    "sonda": "comprobación",
}
"""What people say, and what is said here."""
PLACES = ("monitor/i18n", "probes", "statuspage", "templates", "docs/es")
_SUFFIXES = (".py", ".html", ".md")


def texts() -> Iterator[tuple[Path, str]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*")):
            if path.suffix in _SUFFIXES:
                yield path.relative_to(ROOT), path.read_text("utf-8").lower()


def test_a_check_has_one_name() -> None:
    found = [
        f"{path}: {word}, want {wanted}"
        for path, text in texts()
        for word, wanted in OTHER_WORDS.items()
        if re.search(rf"\b{word}s?\b", text)
    ]
    assert found == []
