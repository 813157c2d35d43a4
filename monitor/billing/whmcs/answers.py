"""What WHMCS answers, as far as it can be relied on.

Numbers come as text or as numbers, lists as lists, as one object or as empty text, nested or as
`a[b][0][c]`; a failure comes as status 200, as HTML of a proxy, or as a PHP warning before the
JSON. Whatever is not as it should be is no answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from credits.billing.ports import PanelSilent
from monitor.net.http_errors import shown

_FLAT = re.compile(r"\[([^\[\]]*)\]")
_DEEPEST = 8
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_COMMAS = re.compile(r"-?\d{1,3}(,\d{3})+\.\d+|-?\d{1,3}(,\d{3}){2,}")
_POINTS = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+|-?\d{1,3}(\.\d{3}){2,}")
_DECIMAL_COMMA = re.compile(r"-?\d+,\d{1,2}")
_CURRENCY = re.compile(r"^[^\d-]*|[^\d]*$")


class PanelRefused(Exception):
    """The panel understood, and says no: the message is its own."""


def read_answer(body: bytes) -> Mapping[str, Any]:
    """A successful answer, nested. Raises PanelSilent where it is none that can be read, and
    PanelRefused where the panel says no."""
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError):
        # Nothing of it is repeated: a page of errors may echo what was sent, and half an answer
        # holds what is said of a customer.
        raise PanelSilent(f"no JSON: {len(body)} bytes") from None
    if not isinstance(found, dict):
        raise PanelSilent("JSON, but no object")
    answer = _nested(found)
    if answer.get("result") == "success":
        return answer
    message = answer.get("message")
    if answer.get("result") == "error" and isinstance(message, str):
        raise PanelRefused(shown(message, 200))
    raise PanelSilent("neither success nor error")


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`credits[credit][0][id]` as its reference writes it.

    >>> _nested({"a": 1, "b[c][0][d]": 2})
    {'a': 1, 'b': {'c': {'0': {'d': 2}}}}
    """
    out: dict[str, Any] = {}
    for key, value in flat.items():
        name, bracket, _ = key.partition("[")
        path = [name, *_FLAT.findall(key[len(name) :])] if bracket else [key]
        if len(path) > _DEEPEST:
            raise PanelSilent("an answer of too many levels")
        inner = out
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
            if not isinstance(inner, dict):
                raise PanelSilent("an answer that contradicts itself")
        inner[path[-1]] = value
    return out


def items(answer: Mapping[str, Any], outer: str, inner: str) -> Sequence[Mapping[str, Any]]:
    """A list, however it came. Raises PanelSilent for anything else."""
    found = answer.get(outer)
    if found in ("", [], None):
        return ()
    if isinstance(found, Mapping):
        found = found.get(inner)
    if found in ("", [], None):
        return ()
    if isinstance(found, Mapping):
        is_numbered = all(key.isdigit() for key in found)
        found = list(found.values()) if is_numbered else [found]
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise PanelSilent(f"{outer} is no list")
    return found


def whole(value: object, what: str) -> int:
    """A whole number, also as text. Raises PanelSilent."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PanelSilent(f"{what} is no number")
    text = str(value).strip()
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise PanelSilent(f"{what} is no number")
    return int(text)


def text(value: object, what: str) -> str:
    """Text on one line. Raises PanelSilent."""
    if not isinstance(value, str):
        raise PanelSilent(f"{what} is no text")
    return shown(value, 500)


def amount(value: object) -> Decimal | None:
    """An amount as text or number, with a currency's sign and separators of thousands where they
    leave no doubt; None where they do: `1,234` may be a thousand or little more than one.

    >>> amount("6.86"), amount("1,234.56"), amount("1.234,56"), amount("$1,234.50 USD")
    (Decimal('6.86'), Decimal('1234.56'), Decimal('1234.56'), Decimal('1234.50'))
    >>> amount("1,234"), amount("6,86"), amount(None), amount("1.234.567")
    (None, Decimal('6.86'), None, Decimal('1234567'))
    """
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    written = _CURRENCY.sub("", str(value).strip().replace("\u00a0", " "))
    written = written.replace(" ", "")
    if _PLAIN.fullmatch(written):
        plain = written
    elif _COMMAS.fullmatch(written):
        plain = written.replace(",", "")
    elif _POINTS.fullmatch(written):
        plain = written.replace(".", "").replace(",", ".")
    elif _DECIMAL_COMMA.fullmatch(written):
        plain = written.replace(",", ".")
    else:
        return None
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None
