"""Public texts in several languages, with a fallback chain that never ends in nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_LOCALE = "es"


@dataclass(frozen=True, slots=True)
class Text:
    """`{locale: words}`; at least one locale.

    >>> Text({"es": "Correo", "en": "Mail"}).in_locale("fr")
    'Correo'
    """

    by_locale: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.by_locale:
            raise ValueError("a text needs at least one locale")

    def in_locale(self, locale: str) -> str:
        """That locale's words, else the default locale's, else the first there are."""
        for wanted in (locale, DEFAULT_LOCALE):
            if wanted in self.by_locale:
                return self.by_locale[wanted]
        return next(iter(self.by_locale.values()))


def plain(words: str) -> Text:
    """A name that is the same in every language, such as a brand's."""
    return Text({DEFAULT_LOCALE: words})
