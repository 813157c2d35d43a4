"""Every fixed word of the pages, one module a language; a missing one is a type error."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.i18n.formats import Lang
from monitor.i18n.page.en import EN
from monitor.i18n.page.es import ES
from monitor.i18n.page.vocabulary import LevelWords, StateWords, Words

WORDS: Mapping[Lang, Words] = {Lang.ES: ES, Lang.EN: EN}

__all__ = ["WORDS", "LevelWords", "StateWords", "Words"]
