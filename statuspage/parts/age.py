"""The words that tell how old a page's data is. They change with every minute and little else does,
so they are holes in the page (`statuspage.parts.placeholders`), and a page that says the same stays
as it is.

The home page fills its own at each rendering. Any other page tells the time of its data only once
the data is old: its stale form has the holes, and who serves it fills them.
"""

from __future__ import annotations

from monitor.i18n.formats import long_date
from statuspage.parts.answer import stale_answer
from statuspage.parts.context import Context
from statuspage.parts.html import Html, escaped, fill
from statuspage.parts.placeholders import placeholder

AS_OF = placeholder("as-of")
"""Stands for `Datos de las 14:35:00 ...`."""
STALE_SINCE = placeholder("stale-since")
"""Stands for `Estos datos son de las 14:35.`, the title of a page that is no longer refreshed."""
STALE_TITLE = placeholder("stale-title")
"""The same as the name of a document: without its full stop."""


def age_words(context: Context) -> dict[str, str]:
    """What fills the holes of a language's pages."""
    since = stale_answer(context.view, context.lang).title
    return {
        "as-of": _as_of(context),
        "stale-since": escaped(since),
        "stale-title": escaped(since.rstrip(".")),
    }


def age_line(context: Context) -> Html:
    """Where a page other than home tells its age: nothing that a minute makes untrue."""
    return AS_OF if context.is_stale else escaped(context.words.renewed)


def _as_of(context: Context) -> Html:
    """`Datos de las 14:35:00 del jueves 16 de abril de 2026, hora de Argentina (UTC−3).`"""
    return fill(
        context.words.as_of,
        t=context.time(context.view.at, with_seconds=True),
        d=long_date(context.today, context.lang),
        z=context.zone_note,
    )
