"""Every fixed word of the pages, one module a language; a missing one is a type error."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.formats import Lang
from statuspage.words.en import EN
from statuspage.words.es import ES
from statuspage.words.vocabulary import LevelWords, StateWords, Words

WORDS: Mapping[Lang, Words] = {Lang.ES: ES, Lang.EN: EN}

__all__ = ["WORDS", "LevelWords", "StateWords", "Words"]
