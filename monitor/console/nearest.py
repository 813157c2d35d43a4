"""Which screen somebody meant who typed an address that there is not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from monitor.console.visit import Screen
from monitor.i18n.languages import OPERATORS_LANGUAGES
from monitor.i18n.words import CONSOLE

_LONGEST = 64
"""A longer word is near none of ours."""
_SIMILAR = 0.6


def nearest(path: str, screens: Iterable[Screen], open_urls: Mapping[str, str]) -> str:
    """The address of a screen: what the path lies below, else what is called nearly so, in either
    language; empty where nothing is near. `open_urls` are those of the bar, by name."""
    return _above(path, screens) or _alike(path, open_urls)


def _above(path: str, screens: Iterable[Screen]) -> str:
    """The page of the very same, where a form's address was typed or loaded again."""
    shapes = [_shape(screen.path) for screen in screens if screen.method == "GET"]
    above = path.rstrip("/")
    while above.count("/") > 1:
        above = above.rpartition("/")[0]
        if any(shape.fullmatch(above) for shape in shapes):
            return above
    return ""


def _alike(path: str, open_urls: Mapping[str, str]) -> str:
    first = path.strip("/").partition("/")[0]
    if not first or len(first) > _LONGEST:
        return ""
    called = {
        _slug(word): url
        for name, url in open_urls.items()
        for word in (url.strip("/"), *(CONSOLE[lang].nav[name] for lang in OPERATORS_LANGUAGES))
        if word
    }
    found = get_close_matches(_slug(first), called, n=1, cutoff=_SIMILAR)
    return called[found[0]] if found else ""


def _shape(path: str) -> re.Pattern[str]:
    """A route's path, of which a name stands for anything but a slash."""
    parts = re.split(r"\{\w+\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _slug(word: str) -> str:
    """Without accents, in lower case.

    >>> _slug("Configuración")
    'configuracion'
    """
    plain = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in plain if not unicodedata.combining(c))
