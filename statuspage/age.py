"""The words that tell how old a page's data is. Every rendering changes them and little else, so
they are filled in last, and the page around them need not be made again."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.answer import stale_answer
from statuspage.context import Context
from statuspage.formats import long_date
from statuspage.html import Html, escaped, fill

AS_OF = Html("\0as-of\0")
"""Stands for `Datos de las 14:35:00 ...`."""
STALE_SINCE = Html("\0stale-since\0")
"""Stands for the title of a page that is no longer refreshed."""
_AS_OF, _STALE_SINCE = AS_OF.encode(), STALE_SINCE.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Age:
    """The words of one rendering, encoded."""

    as_of: bytes
    stale_since: bytes

    def told_in(self, page: bytes) -> bytes:
        return page.replace(_AS_OF, self.as_of).replace(_STALE_SINCE, self.stale_since)


def age_of(context: Context) -> Age:
    said = stale_answer(context.view, context.lang)
    return Age(as_of=_as_of(context).encode(), stale_since=escaped(said.title).encode())


def _as_of(context: Context) -> Html:
    """`Datos de las 14:35:00 del jueves 16 de abril de 2026, hora de Argentina (UTC−3).`"""
    return fill(
        context.words.as_of,
        t=context.time(context.view.at, with_seconds=True),
        d=long_date(context.today, context.lang),
        z=context.zone_note,
    )
