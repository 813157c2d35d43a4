"""What the monitor says of itself is right Spanish, in every notice."""

from __future__ import annotations

import re

import pytest

from monitor.domain.formats import Lang
from monitor.engine.notice_form import NoticeWords
from monitor.engine.notice_words import NOTICE_WORDS


@pytest.mark.parametrize("words", NOTICE_WORDS[Lang.ES].values(), ids=NOTICE_WORDS[Lang.ES])
def test_a_spanish_time_of_day_has_its_article(words: NoticeWords) -> None:
    said = " ".join((words.subject, words.head, words.means, words.remedy))
    assert set(re.findall(r"(\S+) \{t\}", said)) <= {"las"}
