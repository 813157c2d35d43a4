"""Why a use case refuses: a code and its fields. The edge makes sentences (`monitor.i18n`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from monitor.domain.change import Actor
from monitor.domain.text import Text

_LONGEST = 4_000
_SIMILAR = 0.5


class Refused(Exception):
    """What is asked makes no sense now, or lacks something; nothing has changed.

    `code` is for programs (`incident.still_down`), `fields` is what a sentence about it names.
    """

    def __init__(self, code: str, /, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields: Mapping[str, object] = fields

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.code}: {said}" if said else self.code


class NotFound(Refused):
    """There is none of that name."""


class Stale(Refused):
    """It has changed since it was read: read it again, then decide again."""


def require_scope(actor: Actor, scope: str) -> None:
    """Somebody who is bounded may do what the scopes say; who types at the core's host, and the
    machine, may all. Raises Refused."""
    if not actor.may(scope):
        raise Refused("scope.missing", scope=scope)


def require_account(actor: Actor) -> None:
    """What takes two people takes two accounts: a name typed at the core's host is nobody's.

    Raises Refused."""
    if not actor.is_account:
        raise Refused("account.needed")


def require_every_service(actor: Actor) -> None:
    """What is asked may be about any of them. Raises Refused."""
    if actor.services is not None:
        raise Refused("scope.every_service")


def require_seen(kind: str, subject: str, seen: int | None, current: int) -> None:
    """The revision that the person saw is still the newest. Raises Stale."""
    if seen is not None and seen != current:
        raise Stale("revision.stale", kind=kind, id=subject, seen=seen, current=current)


def no_such(kind: str, wanted: str, known: Iterable[str]) -> NotFound:
    """Names what comes closest.

    >>> no_such("incident", "k3f9b2", ["k3f9a2", "zzzzzz"]).fields["near"]
    'k3f9a2'
    """
    names = list(known)
    near = get_close_matches(wanted, names, n=1, cutoff=_SIMILAR)
    return NotFound(
        "name.unknown", kind=kind, wanted=wanted, near=near[0] if near else "", known=names[:5]
    )


def public_text(words: Text, what: str = "text") -> Text:
    """Words that the public will read: trimmed, bounded, without control characters.

    Raises Refused.
    """
    cleaned = {locale: _clean(text) for locale, text in words.by_locale.items()}
    if not all(cleaned.values()):
        raise Refused("text.empty", what=what)
    longest = max(map(len, cleaned.values()))
    if longest > _LONGEST:
        raise Refused("text.too_long", what=what, length=longest, most=_LONGEST)
    return Text(cleaned)


def _clean(words: str) -> str:
    lines = words.replace("\r\n", "\n").split("\n")
    shown = ("".join(c for c in line if c.isprintable() or c == "\u00a0") for line in lines)
    return "\n".join(line.rstrip() for line in shown).strip()
