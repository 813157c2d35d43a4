"""In which language a request is answered, and words that need nothing of the journal."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import hdrs, web

from monitor.api.problems import language_of
from monitor.console.speech import Speech
from monitor.domain.time.interval import Second
from monitor.i18n.languages import OPERATORS_LANGUAGES, Lang

COOKIE = "estado-language"
_NO_ZONE = ZoneInfo("UTC")


def lang_of(request: web.Request, default: Lang = Lang.ES) -> Lang:
    """What was chosen, else what the browser prefers, else `default`."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in OPERATORS_LANGUAGES:
        return Lang(chosen)
    accepted = request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
    return Lang(language_of(accepted)) if accepted else default


def bare_speech(request: web.Request, now: Second) -> Speech:
    """For pages that show no time of the company's: the journal may be away."""
    return Speech(lang=lang_of(request), zone=_NO_ZONE, now=now)
