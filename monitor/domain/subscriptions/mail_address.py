"""E-mail addresses as strangers type them: which ones mail is sent to, and which are the same."""

from __future__ import annotations

import re
from dataclasses import dataclass

import idna

LONGEST_LOCAL = 64
LONGEST = 254
"""RFC 5321 4.5.3.1: of what stands before the @, and of the whole."""
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


class BadAddress(ValueError):
    """No address that mail is sent to."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """`local@domain` with an ASCII domain in small letters; nothing of it can forge a header."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"

    @property
    def mailbox(self) -> str:
        """The same for all addresses that most likely reach the same mailbox: without regard to
        capitals, and without the tag behind a plus sign. For limits alone, never to send to.

        >>> read_address("Ana+estado@Example.com").mailbox
        'ana@example.com'
        """
        untagged = self.local.partition("+")[0] or self.local
        return f"{untagged.lower()}@{self.domain}"


def read_address(typed: str) -> MailAddress:
    """The address. International domains become ASCII. Quoted local parts and letters beyond ASCII
    before the @ are refused: many servers take neither. Raises BadAddress.

    >>> str(read_address(" ana@Español.example "))
    'ana@xn--espaol-zwa.example'
    """
    local, at, domain = typed.strip(" ").rpartition("@")
    if not at or len(local) > LONGEST_LOCAL or not _LOCAL.fullmatch(local):
        raise BadAddress("no mailbox before the @")
    found = MailAddress(local, ascii_domain(domain))
    if len(str(found)) > LONGEST:
        raise BadAddress(f"longer than {LONGEST} characters")
    return found


def ascii_domain(domain: str) -> str:
    """The domain as it is looked up. It needs a dot, and is no bare IP. Raises BadAddress."""
    if len(domain) > LONGEST:
        raise BadAddress("the domain is too long")
    try:
        name = domain.lower()
        if not domain.isascii():
            name = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, IndexError) as error:
        raise BadAddress("no domain behind the @") from error
    labels = name.split(".")
    is_name = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    if not is_name:
        raise BadAddress("no domain behind the @")
    return name
