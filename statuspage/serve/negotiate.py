"""The best of what there is that a client accepts. Results are cached, because nearly all requests
have one of few headers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_CACHED_HEADERS = 512
_LONGEST = 1000
"""How many characters of a header are read: a longer one is no preference but an attack."""


@lru_cache(maxsize=_CACHED_HEADERS)
def best_encoding(header: str, offered: tuple[str, ...]) -> str:
    """The first of `offered` (best first, `identity` last) among the client's favourites.

    >>> best_encoding("gzip, deflate, br", ("br", "gzip", "identity"))
    'br'
    >>> best_encoding("br;q=0, gzip;q=0.5", ("br", "gzip", "identity"))
    'gzip'
    """
    wanted = dict(_weighed(header))
    rest = wanted.get("*", 0.0)
    weights = {name: wanted.get(name, rest) for name in offered}
    weights.setdefault("identity", 0.0)
    # Identity is always acceptable, at worst after everything that was asked for.
    weights["identity"] = wanted.get("identity", 0.0)
    best = max(weights.values())
    return next((name for name in offered if weights[name] == best and best), "identity")


@lru_cache(maxsize=_CACHED_HEADERS)
def best_language(header: str, offered: tuple[str, ...]) -> str:
    """The offered language that the client likes most; the first where it likes none.

    >>> best_language("en-GB,en;q=0.9,es;q=0.8", ("es", "en"))
    'en'
    >>> best_language("de,fr;q=0.5", ("es", "en")), best_language("", ("es", "en"))
    ('es', 'es')
    >>> best_language("pt-PT,es;q=0.5", ("es", "en", "pt-BR"))
    'pt-BR'
    """
    weights: dict[str, float] = {}
    for name, weight in _weighed(header):
        primary = _primary(name)
        weights[primary] = max(weight, weights.get(primary, 0.0))
    rest = weights.get("*", 0.0)
    return max(offered, key=lambda name: weights.get(_primary(name), rest), default="")


def _primary(tag: str) -> str:
    """Who reads Portuguese reads that of Brazil sooner than Spanish."""
    return tag.partition("-")[0].lower()


def _weighed(header: str) -> Iterator[tuple[str, float]]:
    """The pairs of a header such as `name;q=0.5`, names in lower case; nonsense weighs 0."""
    for item in header[:_LONGEST].split(","):
        name, _, parameters = item.partition(";")
        weight = 1.0
        key, _, value = parameters.strip().partition("=")
        if key.strip().lower() == "q":
            weight = _number(value)
        if name.strip():
            yield name.strip().lower(), weight


def _number(value: str) -> float:
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
