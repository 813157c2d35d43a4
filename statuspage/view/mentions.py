"""Whether a text mentions one of some names, word by word, however many names there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from monitor.catalogues.known_names import KnownNames, Words, words_of
from monitor.domain.text import Text


@dataclass(frozen=True, slots=True)
class Mentions:
    """Finds names that may not be said: those of `unsayable` owners. `sayable` gives the names by
    which an owner may be named. Case, spaces and punctuation make no difference.

    A name that may be said hides those within it: where "Web Hosting" is public and "Web" is not,
    "Web Hosting is down" mentions nothing. The cost of a search grows with the length of its text,
    and not with the number of names.

    >>> names = KnownNames.of([("inner", "Web"), ("hosting", "Web Hosting")])
    >>> said = {"hosting": ["Web Hosting"]}
    >>> found = Mentions(names, {"inner"}, lambda owner: said.get(owner, ()))
    >>> [found.are_in(Text({"en": said})) for said in ("The WEB.", "Web hosting", "Website")]
    [True, False, False]
    """

    _names: KnownNames
    _unsayable: AbstractSet[str]
    _sayable: Callable[[str], Iterable[str]]

    def are_in(self, text: Text) -> bool:
        """Whether the text, in any of its languages, says what may not be said."""
        if not self._unsayable:
            return False
        return any(self._are_among(words_of(said)) for said in text.by_locale.values())

    def _are_among(self, said: Words) -> bool:
        place = 0
        while place < len(said):
            name, is_forbidden = self._name_at(said, place)
            if is_forbidden:
                return True
            place += max(1, len(name))
        return False

    def _name_at(self, said: Words, place: int) -> tuple[Words, bool]:
        """The longest name that begins at a place and may be said, or may not; an empty one where
        none does."""
        for name, owners in self._names.at(said, place):
            if any(name == words_of(own) for owner in owners for own in self._sayable(owner)):
                return name, False
            if any(owner in self._unsayable for owner in owners):
                return name, True
        return (), False
