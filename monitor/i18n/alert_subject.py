"""The one line that wakes somebody: `CAÍDO radio2: stalled, 0 kbit/s, 3/3 (k3f9a2)`.

At most fifty characters, so that a phone's lock screen shows it whole; nothing in it can end a
mail's header.
"""

from __future__ import annotations

import re

LONGEST = 50
_SHORTEST_NAME = 12
_LONGEST_FACT = 24
_CLAUSE = re.compile(r"[;,:(]")


def one_line(words: str) -> str:
    """Words from anywhere as one printable line.

    >>> one_line("a\\r\\nBcc: b@example.com\\x1b[2J")
    'a Bcc: b@example.com [2J'
    """
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())


def shortened(words: str, most: int) -> str:
    """
    >>> shortened("servidor-web-compartido", 12)
    'servidor-we…'
    """
    return words if len(words) <= most else words[: most - 1].rstrip("-_. ") + "…"


def short_fact(message: str) -> str:
    """The first clause of what a probe said, where it is short enough to be read at a glance.

    >>> short_fact("status 503; expected 200-299"), short_fact("the body lacks a phrase as long")
    ('status 503', '')
    """
    clause = _CLAUSE.split(one_line(message))[0].strip()
    return clause if len(clause) <= _LONGEST_FACT else ""


def subject_line(
    word: str, name: str, *, reason: str = "", fact: str = "", places: str = "", ident: str = ""
) -> str:
    """What fits of it: the fact is left out first, then the places, then the end of the name, and
    the reason last. The word and the incident's id always stay.

    >>> subject_line("CAÍDO", "radio2", reason="stalled", fact="0 kbit/s", places="3/3", ident="k3")
    'CAÍDO radio2: stalled, 0 kbit/s, 3/3 (k3)'
    """
    name = one_line(name)
    tail = f" ({ident})" if ident else ""
    for shown in ([reason, fact, places], [reason, places], [reason]):
        line = _line(word, name, shown, tail)
        if len(line) <= LONGEST:
            return line
    for shown in ([reason], []):
        room = LONGEST - len(_line(word, "", shown, tail))
        if room >= _SHORTEST_NAME:
            return _line(word, shortened(name, room), shown, tail)
    return shortened(_line(word, name, [], ""), LONGEST - len(tail)) + tail


def _line(word: str, name: str, facts: list[str], tail: str) -> str:
    said = ", ".join(one_line(fact) for fact in facts if fact)
    return f"{word} {name}" + (f": {said}" if said else "") + tail
