"""Public texts in several languages, with a fallback chain that never ends in nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
        """That locale's words, else its language's, else the default locale's, else the first there
        are.

        >>> Text({"es": "Correo", "pt": "E-mail"}).in_locale("pt-BR")
        'E-mail'
        """
        return self.by_locale[self.locale_for(locale)]

    def locale_for(self, locale: str) -> str:
        """In which locale a reader of that one reads it."""
        if locale in self.by_locale:
            return locale
        for wanted in (locale.partition("-")[0], DEFAULT_LOCALE):
            if wanted in self.by_locale:
                return wanted
        return next(iter(self.by_locale))


def is_same_in(locale: str, one: Text | None, other: Text | None) -> bool:
    """Whether two texts say the same to whoever reads that language."""
    if one is None or other is None:
        return one is other
    return one.in_locale(locale) == other.in_locale(locale)


def former_in(locale: str, former: Sequence[Text], body: Text) -> tuple[Text, ...]:
    """The former texts of a corrected one, oldest first, that another text replaced in that
    language: a correction of one language replaces nothing in the other.

    >>> both = Text({"es": "uno", "en": "one"})
    >>> former_in("es", [both], Text({"es": "uno", "en": "two"}))
    ()
    """
    followed = pairwise((*former, body))
    return tuple(text for text, after in followed if not is_same_in(locale, text, after))


def plain(words: str) -> Text:
    """A name that is the same in every language, such as a brand's."""
    return Text({DEFAULT_LOCALE: words})
