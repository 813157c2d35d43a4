"""The words that say how old a page's data is. They change with every minute and little else does,
so they are placeholders in the page (`statuspage.parts.placeholders`): a page whose other content
is the same does not change.

Those of the home page are replaced at each rendering. Any other page states the time of its data
only once the data is old: its stale form has the placeholders, and the page role replaces them.
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
"""The same as the title of a document: without its full stop."""


def age_words(context: Context) -> dict[str, str]:
    """What replaces the placeholders of a language's pages."""
    since = stale_answer(context.view, context.lang).title
    return {
        "as-of": _as_of(context),
        "stale-since": escaped(since),
        "stale-title": escaped(since.rstrip(".")),
    }


def age_line(context: Context) -> Html:
    """The line in which a page other than home states its age: no minute makes it untrue."""
    return AS_OF if context.is_stale else escaped(context.words.renewed)


def _as_of(context: Context) -> Html:
    """`Datos de las 14:35:00 del jueves 16 de abril de 2026, hora de Argentina (UTC−3).`"""
    return fill(
        context.words.as_of,
        t=context.time(context.view.at, with_seconds=True),
        d=long_date(context.today, context.lang),
        z=context.zone_note,
    )
