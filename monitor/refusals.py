"""Why a command of a person is refused: each says what to do instead."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from monitor.domain.change import Actor, ActorKind
from monitor.domain.text import Text
from monitor.journal.ports import NotFound, Stale

_LONGEST = 4_000
_SIMILAR = 0.5


class Refused(Exception):
    """The command makes no sense now, or lacks something; nothing has changed."""


def require_scope(actor: Actor, scope: str) -> None:
    """A token may do what its scopes say; a person and the machine may all. Raises Refused."""
    if actor.kind is ActorKind.TOKEN and scope not in actor.scopes:
        raise Refused(f"this token lacks the scope {scope}")


def require_seen(subject: str, seen: int | None, current: int) -> None:
    """The revision that the person saw is still the newest. Raises Stale."""
    if seen is not None and seen != current:
        raise Stale(
            f"{subject} has changed: you saw revision {seen}, it is at {current}. "
            "Look at it again, then decide again"
        )


def no_such(kind: str, wanted: str, known: Iterable[str]) -> NotFound:
    """Names what comes closest.

    >>> str(no_such("incident", "k3f9b2", ["k3f9a2", "zzzzzz"]))
    'no incident k3f9b2; did you mean k3f9a2?'
    """
    names = list(known)
    near = get_close_matches(wanted, names, n=1, cutoff=_SIMILAR)
    if near:
        return NotFound(f"no {kind} {wanted}; did you mean {near[0]}?")
    listed = f"; there are {', '.join(names[:5])}" if names else "; there is none yet"
    return NotFound(f"no {kind} {wanted}{listed}")


def public_text(words: Text, what: str = "text") -> Text:
    """Words that the public will read: trimmed, bounded, without control characters.

    Raises Refused.
    """
    kept = {locale: _clean(said) for locale, said in words.by_locale.items()}
    if not all(kept.values()):
        raise Refused(f"the {what} is empty")
    longest = max(map(len, kept.values()))
    if longest > _LONGEST:
        raise Refused(f"the {what} has {longest} characters; at most {_LONGEST} fit")
    return Text(kept)


def _clean(words: str) -> str:
    lines = words.replace("\r\n", "\n").split("\n")
    shown = ("".join(c for c in line if c.isprintable() or c == "\u00a0") for line in lines)
    return "\n".join(line.rstrip() for line in shown).strip()
