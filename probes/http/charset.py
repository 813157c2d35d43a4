"""The text of a body, as a browser reads it (WHATWG Encoding, "sniffing" of HTML)."""

from __future__ import annotations

import codecs
import re
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import cache

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PRESCANNED = 1024
"""Bytes within which a page must name its encoding."""
# The space after a quote is in the quote's group: two adjacent runs of spaces would make the engine
# try each split.
_PARAMETER = re.compile(r"""charset\s*=\s*(?:["']\s*)?([^\s"';,>]+)""", re.IGNORECASE)
_IN_META = re.compile(
    rb"""<meta[^>]{0,400}?charset\s*=\s*(?:["']\s*)?([^\s"'/>;]+)""", re.IGNORECASE
)
_IN_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"'>]+)["']""")
_BROWSER_ENCODINGS = frozenset(
    {"utf-8", "utf-16-le", "utf-16-be", "cp866", "cp874", "koi8-r", "koi8-u", "mac-roman"}
    | {"mac-cyrillic", "gbk", "gb18030", "big5", "euc_jp", "iso2022_jp", "cp932", "euc_kr"}
    | {f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {f"cp{page}" for page in range(1250, 1259)}
)
"""By Python's names. No others are used: some of Python's codecs do more than decode."""
_SINGLE_BYTE = frozenset(
    name for name in _BROWSER_ENCODINGS if name.startswith(("iso8859", "cp", "koi8", "mac"))
) - {"cp932"}
_READ_AS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "utf-16": "utf-16-le",
    "gb2312": "gbk",
    "shift_jis": "cp932",
}
"""Labels that browsers read as a larger encoding."""
_KNOWN_LABELS = frozenset(
    (*aliases, *aliases.values(), *map(normalize_encoding, _BROWSER_ENCODINGS))
)
"""Labels that Python knows. Python caches every unknown label that it was ever asked for."""


def decode(body: bytes, content_type: str) -> str:
    """By the byte order mark, else by Content-Type, else by what the page itself declares, else
    UTF-8, else (where it is not UTF-8) windows-1252. Never raises: what cannot be read becomes
    U+FFFD.

    >>> decode("Atención".encode("iso-8859-1"), "text/html; charset=ISO-8859-1")
    'Atención'
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return _read(body[len(mark) :], encoding)
    named = declared(content_type) or _in_page(body[:_PRESCANNED])
    if named is not None:
        return _read(body, named)
    try:
        # A body that was cut at a cap may end in the middle of a character.
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return _read(body, "cp1252")


def declared(content_type: str) -> str | None:
    """The encoding that a Content-Type names, by Python's name; None for an unknown one."""
    found = _PARAMETER.search(content_type)
    return _known(found[1]) if found else None


def _in_page(head: bytes) -> str | None:
    found = _IN_XML.search(head) or _IN_META.search(head)
    named = _known(found[1].decode("latin-1")) if found else None
    # A declaration that could be read as ASCII is not in UTF-16 (HTML, "prescan").
    return "utf-8" if named in ("utf-16-le", "utf-16-be") else named


def _known(label: str) -> str | None:
    label = normalize_encoding(label.strip().strip("\"'")).lower()
    if label not in _KNOWN_LABELS:
        return None
    try:
        name = codecs.lookup(label).name
    except LookupError:
        # A codec of another system (`mbcs`).
        return None
    name = _READ_AS.get(name, name)
    return name if name in _BROWSER_ENCODINGS else None


def _read(body: bytes, encoding: str) -> str:
    table = _table(encoding)
    if table is not None:
        return codecs.charmap_decode(body, "strict", table)[0]
    return body.decode(encoding, "replace")


@cache
def _table(encoding: str) -> str | None:
    """The character of each byte, in a single-byte encoding; None for other encodings. A table
    avoids the error handler: calling it for each undefined byte costs more than all the rest."""
    if encoding not in _SINGLE_BYTE:
        return None
    return bytes(range(256)).decode(encoding, "replace")
