"""What the automatic texts of incidents must be able to say."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PLACE = re.compile(r"\{(\w+)\}")


def fill(template: str, **values: str) -> str:
    """Put values in their places, once. A place without a value stays as it is.

    >>> fill("{c}: {phrase}", c="{phrase}", phrase="lento")
    '{phrase}: lento'
    """
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentSentences:
    """`{c}` a name, `{does}` what it does since it fails and `{phrase}` how it stands, `{t}` and
    `{u}` times, `{d}` a length, `{s}` who was out ("Estuvo") or all that are meant."""

    since: str
    since_too: str
    since_again: str
    fell_again: str
    unstable: str
    worsened: str
    began_earlier: str
    unwatched: str
    watched_otherwise: str
    watched_again: str
    depends_on: str
    alerted: str
    alerted_of_failure: str
    """Once it is over."""
    no_news: str
    still_since: str
    still_many_since: str
    looked_after: str
    back: str
    back_to_normal: str
    all_back: str
    still: str
    still_many: str
    watch: str
    watch_all: str
    normal: str
    all_normal: str
    out: str
    out_uncounted: str
    out_partly: str
    """`{k}` of `{d}` counts: planned maintenance took the rest."""
    out_planned: str
    slow_or_out: str
    slow_or_out_uncounted: str
    """Slowness or faults came before: which of the two, an outage has forgotten."""
    was_slow: str
    was_faulty: str
    """What was degraded for another reason than slowness."""
    longest: str
    it_was: str
    name_was: str
    in_time: str
    on_day: str
    affected: str
    many: str
    all_named: str
    all_many: str
    """Every one of several services, named or counted, as the subject of a sentence."""
    name_and_more: str
    out_of_service: tuple[str, str, str]
    """Where the class is not known: `{phrase}`, `{does}`, and the effect."""
    slow: tuple[str, str, str]
    clock_set: str
    over_limit: str
    """Slower than `{v}`; `{w}` is usual."""
