"""How IMAP spells the names of mailboxes: modified UTF-7 (RFC 3501 5.1.3)."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from itertools import groupby

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")


def modified_utf7(name: str) -> str:
    """A mailbox's name as it is sent; a name that is in modified UTF-7 already is left as it is.

    >>> modified_utf7("Papelería"), modified_utf7("R&D"), modified_utf7("Papeler&AO0-a")
    ('Papeler&AO0-a', 'R&-D', 'Papeler&AO0-a')
    """
    if _is_modified_utf7(name):
        return name
    parts = groupby(name, key=lambda c: " " <= c <= "~")
    return "".join(
        _plain(characters) if is_plain else _shifted(characters) for is_plain, characters in parts
    )


def _plain(characters: Iterable[str]) -> str:
    return "".join(characters).replace("&", "&-")


def _shifted(characters: Iterable[str]) -> str:
    raw = "".join(characters).encode("utf-16-be")
    return f"&{b64encode(raw).decode().rstrip('=').replace('/', ',')}-"


def _is_modified_utf7(name: str) -> bool:
    """Whether each `&` begins a shift sequence of modified UTF-7, and not all are bare `&-`."""
    found = _SHIFTED.findall(name)
    is_whole = name.isascii() and len(found) == name.count("&")
    return is_whole and any(found) and all(_is_valid_shift(text) for text in found if text)


def _is_valid_shift(text: str) -> bool:
    padded = text.replace(",", "/") + "=" * (-len(text) % 4)
    try:
        return not b64decode(padded, validate=True).decode("utf-16-be").isascii()
    except (binascii.Error, UnicodeDecodeError):
        return False
