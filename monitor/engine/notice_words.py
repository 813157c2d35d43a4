"""What notices of the monitor about itself say, by language and kind."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.formats import Lang
from monitor.engine.notice_form import NoticeWords
from monitor.engine.notice_words_en import ENGLISH
from monitor.engine.notice_words_es import SPANISH

NOTICE_WORDS: Mapping[Lang, Mapping[str, NoticeWords]] = {Lang.ES: SPANISH, Lang.EN: ENGLISH}
