"""Badges of the whole and of each component in each language, and the whole as shields.io has it.

They say what the page says, for they come from the same answer and the same words. Their stale form
tells no time: a badge has no room for one.
"""

from __future__ import annotations

import json
from functools import lru_cache

from monitor.domain.rollup import Shown
from monitor.i18n.addresses import badge_path, component_badge_path, shields_path
from monitor.i18n.formats import Lang
from monitor.i18n.words import PAGE
from statuspage.pages.site import languages
from statuspage.parts.answer import answer, is_general_outage
from statuspage.parts.html import without_nuls
from statuspage.parts.state import component_word
from statuspage.publish.badge import Badge, drawn
from statuspage.publish.rendered import JSON, SVG, Body, Rendered
from statuspage.view.model import PublicView

_KEPT = 8192
"""Badges that are not drawn anew while nothing of them changes."""
_SHIELDS_COLOURS = {
    Shown.OPERATIONAL: "brightgreen",
    Shown.SLOW: "yellow",
    Shown.REPAIR: "orange",
    Shown.DOWN: "red",
    Shown.MAINTENANCE: "blue",
    Shown.NO_DATA: "lightgrey",
}


def badges(view: PublicView) -> dict[str, Rendered]:
    """Every badge with its address."""
    rendered: dict[str, Rendered] = {}
    for lang in languages(view):
        whole = _whole(view, lang)
        rendered[badge_path(lang)] = _picture(whole)
        rendered[shields_path(lang)] = _for_shields(whole)
        for component in view.components:
            word = component_word(component, lang)
            badge = _badge(component.name.in_locale(lang), word, component.shown, lang)
            rendered[component_badge_path(component.id, lang)] = _picture(badge)
    return rendered


def _whole(view: PublicView, lang: Lang) -> Badge:
    words, shown = PAGE[lang], answer(view, lang).shown
    is_general = shown is Shown.DOWN and is_general_outage(view.components)
    message = words.badge_general if is_general else words.badges[shown]
    return _badge(view.page.name.in_locale(lang), message, shown, lang)


def _badge(label: str, message: str, shown: Shown, lang: Lang) -> Badge:
    return Badge(label=without_nuls(label), message=message, shown=shown, lang=lang.value)


def _old(badge: Badge) -> Badge:
    message = PAGE[Lang(badge.lang)].badge_stale
    return Badge(label=badge.label, message=message, shown=Shown.NO_DATA, lang=badge.lang)


@lru_cache(maxsize=_KEPT)
def _picture(badge: Badge) -> Rendered:
    return Rendered(
        fresh=Body.of(drawn(badge)),
        stale=Body.of(drawn(_old(badge))),
        content_type=SVG,
        is_small=True,
        language=badge.lang,
    )


@lru_cache(maxsize=8)
def _for_shields(badge: Badge) -> Rendered:
    return Rendered(
        fresh=Body.of(_endpoint(badge)),
        stale=Body.of(_endpoint(_old(badge), isError=True)),
        content_type=JSON,
        is_small=True,
        language=badge.lang,
    )


def _endpoint(badge: Badge, **fields: bool) -> bytes:
    """https://shields.io/badges/endpoint-badge"""
    document = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": _SHIELDS_COLOURS[badge.shown],
    }
    return json.dumps(document | fields, ensure_ascii=False).encode()
