"""The languages that the public reads, and those that the people who run the product read.

A new language is a folder of words with a `LANGUAGE`, and its two lines here: nothing else knows
how many there are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from monitor.i18n import en, es, pt
from monitor.i18n.forms.language import Language


class Lang(StrEnum):
    """A language of the page, by its tag."""

    ES = "es"
    EN = "en"
    PT = "pt-BR"


LANGUAGES: Mapping[Lang, Language] = {
    Lang.ES: es.LANGUAGE,
    Lang.EN: en.LANGUAGE,
    Lang.PT: pt.LANGUAGE,
}

OPERATORS_LANGUAGES = (Lang.ES, Lang.EN)
"""In which the console, messages to operators and refusals are made."""


def written(locales: Collection[str]) -> tuple[Lang, ...]:
    """The languages of automatic texts where the page is published in `locales`: those, and those
    in which operators read them."""
    return tuple(lang for lang in Lang if lang in OPERATORS_LANGUAGES or lang in locales)


def spelled(lang: Lang, words: str) -> str:
    """The beginning of a sentence that has become the middle of one: where weekdays are written
    small, it begins small.

    >>> spelled(Lang.ES, "Domingo 19 de abril"), spelled(Lang.EN, "Sunday 19 April")
    ('domingo 19 de abril', 'Sunday 19 April')
    """
    if LANGUAGES[lang].formats.has_capital_weekdays:
        return words
    return words[:1].lower() + words[1:]
