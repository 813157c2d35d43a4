"""Every name that some page has, or keeps to itself, by its words: indexed once for all pages.

To index the names of five thousand components takes a fifth of a second. Each page of each
publication asks for them, and decisions wait meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unicodedata import normalize

_WORD = re.compile(r"\w+")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownNames:
    """With who goes by each of them."""

    _owners: Mapping[Words, frozenset[str]]
    _lengths: Mapping[str, tuple[int, ...]]
    """How many words the names have that begin with a word, the most first."""

    @classmethod
    def of(cls, names: Iterable[tuple[str, str]]) -> KnownNames:
        """Of (who goes by it, name)."""
        owners: dict[Words, set[str]] = {}
        lengths: dict[str, set[int]] = {}
        for owner, name in names:
            if words := words_of(name):
                owners.setdefault(words, set()).add(owner)
                lengths.setdefault(words[0], set()).add(len(words))
        return cls(
            {words: frozenset(found) for words, found in owners.items()},
            {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()},
        )

    def at(self, said: Words, place: int) -> Iterable[tuple[Words, frozenset[str]]]:
        """Those that begin at a place, the longest first."""
        for length in self._lengths.get(said[place], ()):
            name = said[place : place + length]
            if (owners := self._owners.get(name)) is not None:
                yield name, owners


def words_of(text: str) -> Words:
    """Whatever its case, spaces and punctuation. Accents that stand apart from their letters, as
    some systems write them, make no other word.

    >>> words_of("Panel-Zafiro 2")
    ('panel', 'zafiro', '2')
    >>> words_of("Almace\u0301n") == words_of("ALMACÉN")
    True
    """
    return tuple(_WORD.findall(normalize("NFKC", text).casefold()))
