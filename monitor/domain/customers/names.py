"""A customer's domain as it is typed at three in the morning, and the one name that is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

LONGEST = 253
"""Characters of a name (RFC 1035 2.3.4)."""
LONGEST_TYPED = 2_048
"""Of what is pasted: an address with its query. What is longer is nobody's domain."""
MOST_LABELS = 5
"""How far a name is followed up: `a.b.c.shop.example.com.ar` is looked for below five labels."""
_SCHEME = re.compile(r"(?:[a-z][a-z0-9+-]*:)?//|(?:https?|mailto|ftp):/*", re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_AROUND = " \t\r\n\v\f\u00a0\u200b\u200e\u200f\ufeff<>()[]{}\"'“”«».,;:!"
_WWW = "www."


class BadName(ValueError):
    """Nothing that a domain can be made of."""


@dataclass(frozen=True, slots=True)
class CustomerName:
    """`shown` as people write it; `ascii` as tables and resolvers have it."""

    shown: str
    ascii: str

    @property
    def lookups(self) -> tuple[str, ...]:
        """The name and those that it lies below, longest first: a shop's name leads to its domain.

        >>> read_name("tienda.ejemplo.com.ar").lookups
        ('tienda.ejemplo.com.ar', 'ejemplo.com.ar', 'com.ar')
        """
        labels = self.ascii.split(".")[-MOST_LABELS:]
        return tuple(".".join(labels[start:]) for start in range(len(labels) - 1))


def read_name(typed: str) -> CustomerName:
    """The domain of a name, of an address of the web or of a mailbox. `www.`, capitals, a dot at
    the end and what surrounds it say nothing. Raises BadName.

    >>> read_name("  https://WWW.Español.example:8443/ventas?x=1 ").ascii
    'xn--espaol-zwa.example'
    >>> read_name("Ana <ana@Ejemplo.com.>").shown
    'ejemplo.com'
    """
    if len(typed) > LONGEST_TYPED:
        raise BadName("too long")
    name = _host(typed).lower()
    found = _ascii(name)
    if found.startswith(_WWW) and found.count(".") > 1:
        name, found = name[len(_WWW) :], found[len(_WWW) :]
    labels = found.split(".")
    is_name = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    if not is_name or len(found) > LONGEST:
        raise BadName("no domain")
    return CustomerName(name, found)


def _host(typed: str) -> str:
    """What stands where the domain does."""
    text = typed.strip(_AROUND)
    scheme = _SCHEME.match(text)
    if scheme:
        text = text[scheme.end() :]
    text = re.split(r"[/?#\\]", text, maxsplit=1)[0]
    text = text.rpartition("@")[2]
    return re.sub(r":\d*$", "", text.strip(_AROUND)).strip(_AROUND)


def _ascii(name: str) -> str:
    """Raises BadName."""
    if name.isascii():
        return name
    try:
        return idna.encode(name, uts46=True).decode("ascii").lower().rstrip(".")
    except (idna.IDNAError, IndexError) as error:
        raise BadName("no domain") from error
