"""Records compared by type, not as strings.

In a TXT record the case of each letter counts (a DKIM key in another case is another key). Only
names ignore case (RFC 4343), and how a record was written down does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

import dns.exception
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from monitor.net.host_names import ascii_host

_TEXTS = frozenset({dns.rdatatype.TXT, dns.rdatatype.SPF})


def records(answer: dns.message.Message, kind: str) -> Mapping[bytes, str]:
    """The records of a type in an answer: from what identifies each to how it is shown."""
    wanted = dns.rdatatype.from_text(kind)
    return {
        _identity(record): record.to_text()
        for rrset in answer.answer
        if rrset.rdtype == wanted
        for record in rrset
    }


def spellings(kind: str, text: str) -> frozenset[bytes]:
    """What identifies a record that a person wrote. A text may stand for itself, or be written
    as in a zone file. Raises ValueError for what cannot be a record of the type.

    >>> spellings("MX", "10\\tMail.example") == spellings("MX", "10 mail.example.")
    True
    >>> spellings("TXT", "p=MIGf") == spellings("TXT", '"p=" "MIGf"')
    False
    >>> spellings("TXT", "p=MIGf") < spellings("TXT", '"p=" "MIGf"')
    True
    """
    wanted = dns.rdatatype.from_text(kind)
    if wanted not in _TEXTS:
        return frozenset({_identity(_record(wanted, text))})
    found = {text.encode()}
    if text.lstrip().startswith('"'):
        try:
            found.add(_identity(_record(wanted, text)))
        except ValueError:
            # A text that begins with a quote but is not as in a zone file stands for itself.
            return frozenset(found)
    return frozenset(found)


def alias_of(answer: dns.message.Message) -> str | None:
    """The last name in the chain of aliases of the name asked for; None where it is no alias."""
    targets = {
        rrset.name: rrset[0].target
        for rrset in answer.answer
        if rrset.rdtype == dns.rdatatype.CNAME and rrset
    }
    name = answer.question[0].name if answer.question else dns.name.root
    seen: set[dns.name.Name] = set()
    while name in targets and name not in seen:
        seen.add(name)
        name = targets[name]
    return name.to_text() if seen else None


def _record(kind: dns.rdatatype.RdataType, text: str) -> dns.rdata.Rdata:
    written = text
    if not text.isascii() and kind not in _TEXTS:
        written = " ".join(map(ascii_host, text.split()))
    try:
        return dns.rdata.from_text(
            dns.rdataclass.IN, kind, written, origin=dns.name.root, relativize=False
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise ValueError(f"{text!r} is no {dns.rdatatype.to_text(kind)}: {error}") from error


def _identity(record: dns.rdata.Rdata) -> bytes:
    """A text's strings joined (RFC 7208 3.3); else the canonical form, names in lower case."""
    if record.rdtype in _TEXTS:
        strings: tuple[bytes, ...] = getattr(record, "strings", ())
        return b"".join(strings)
    digest: bytes = record.to_digestable(dns.name.root)
    return digest
