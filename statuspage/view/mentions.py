"""Whether a text mentions one of some names, word by word, however many names there are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from unicodedata import normalize

from monitor.domain.text import Text

_WORD = re.compile(r"\w+")

_Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mentions:
    """Finds names that may not be said. Case, spaces and punctuation make no difference.

    A name that may be said hides those within it: where "Web Hosting" is public and "Web" is not,
    "Web Hosting is down" mentions nothing. The cost of a search grows with the length of its text.
    """

    _by_first_word: dict[str, list[tuple[_Words, bool]]]
    """Names by their first word, the longest first; with each, whether it may not be said."""

    @classmethod
    def of(cls, unsayable: Iterable[str], sayable: Iterable[str] = ()) -> Mentions:
        """
        >>> found = Mentions.of(["Web"], ["Web Hosting"])
        >>> [found.are_in(Text({"en": said})) for said in ("The WEB.", "Web hosting", "Website")]
        [True, False, False]
        """
        forbidden = {words for name in unsayable if (words := _words_of(name))}
        parts = {word for words in forbidden for word in words}
        near = sayable if parts else ()
        allowed = {words for name in near if not parts.isdisjoint(words := _words_of(name))}
        index: dict[str, list[tuple[_Words, bool]]] = {}
        for words in forbidden | allowed:
            index.setdefault(words[0], []).append((words, words not in allowed))
        for names in index.values():
            names.sort(key=lambda known: -len(known[0]))
        return cls(index)

    def are_in(self, text: Text) -> bool:
        """Whether the text, in any of its languages, says what may not be said."""
        if not self._by_first_word:
            return False
        return any(self._are_among(_words_of(said)) for said in text.by_locale.values())

    def _are_among(self, said: _Words) -> bool:
        place = 0
        while place < len(said):
            name, is_forbidden = self._name_at(said, place)
            if is_forbidden:
                return True
            place += max(1, len(name))
        return False

    def _name_at(self, said: _Words, place: int) -> tuple[_Words, bool]:
        """The longest known name that begins at a place; an empty one where none does."""
        for name, is_forbidden in self._by_first_word.get(said[place], ()):
            if said[place : place + len(name)] == name:
                return name, is_forbidden
        return (), False


def _words_of(text: str) -> _Words:
    """Accents that stand apart from their letters, as some systems write them, make no other word.

    >>> _words_of("Almace\u0301n") == _words_of("ALMACÉN")
    True
    """
    return tuple(_WORD.findall(normalize("NFKC", text).casefold()))
