"""Each state of a credit has a word in each language of the console."""

from __future__ import annotations

from credits.life.states import CreditState
from monitor.i18n.en.credits import STATES as ENGLISH
from monitor.i18n.es.credits import STATES as SPANISH


def test_each_state_has_a_word_of_its_own() -> None:
    for words in (ENGLISH, SPANISH):
        assert words.keys() == set(map(str, CreditState))
        assert len(set(words.values())) == len(words)
