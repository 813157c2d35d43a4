"""How single values are written, and read: durations, shares, slugs, names, hours, addresses.

Each reader takes what YAML gave and returns the value, or raises Wanted. The annotated types at
the end contain the reader and the JSON Schema for editors.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import PlainValidator, WithJsonSchema

from monitor.config.errors import Wanted, show
from monitor.domain.text import Text, plain
from monitor.i18n.languages import Lang

_UNITS_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h|d)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
_LONGEST_SLUG = 64
_LOCALE = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")
_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,12})?)\s*(%?)")
_EXACT = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,12})?)\s*(%?)")
_RATIO = re.compile(r"[0-9]{1,9}/[1-9][0-9]{0,8}")
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
_HOST_NAME = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z0-9-]{2,63}\.?"
)
_LONGEST_HOST_NAME = 230
_LONGEST_LINE = 200
_LONGEST_TEXT = 2000
_MILLION = Decimal(1_000_000)


def read_milliseconds(value: object) -> int:
    """
    >>> read_milliseconds("1500ms"), read_milliseconds("2h")
    (1500, 7200000)
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Wanted("must be a duration such as 500ms, 30s, 5m, 2h or 1d")
    return int(found[1]) * _UNITS_MS[found[2]]


def read_seconds(value: object) -> int:
    """Whole seconds."""
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None or found[2] == "ms":
        raise Wanted("must be a duration in whole seconds such as 30s, 5m, 2h or 1d")
    return int(found[1]) * _UNITS_MS[found[2]] // 1000


def read_day(value: object) -> date:
    """
    >>> read_day("2026-12-25")
    datetime.date(2026, 12, 25)
    """
    found = _DAY.fullmatch(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0] if found else "")
    except ValueError:
        raise Wanted("must be a day such as 2026-12-25", show(value)) from None


def write_duration(milliseconds: int) -> str:
    """In the largest unit that leaves no rest.

    >>> write_duration(90_000), write_duration(7_200_000), write_duration(0)
    ('90s', '2h', '0s')
    """
    if not milliseconds:
        return "0s"
    for unit in ("d", "h", "m", "s"):
        count, rest = divmod(milliseconds, _UNITS_MS[unit])
        if not rest:
            return f"{count}{unit}"
    return f"{milliseconds}ms"


def read_slug(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_SLUG or not _SLUG.fullmatch(value):
        raise Wanted(
            "must be a short name of small letters, digits and single hyphens, such as web-1"
        )
    return value


def read_line(value: object) -> str:
    """One line of words."""
    if not isinstance(value, str) or not value.strip():
        raise Wanted("must be text")
    if len(value) > _LONGEST_LINE or "\n" in value:
        raise Wanted(f"must be one line of at most {_LONGEST_LINE} characters")
    return value.strip()


def read_words(value: object) -> Text:
    """A text, the same in every language, or one for each."""
    if isinstance(value, str):
        return plain(_words(value))
    if not isinstance(value, dict) or not value:
        raise Wanted("must be text, or {es: …, en: …}")
    for locale in value:
        if not _LOCALE.fullmatch(locale):
            raise Wanted("must have languages such as es and en as keys", show(locale))
    return Text({locale: _words(words) for locale, words in value.items()})


def _words(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Wanted("must be text, or {es: …, en: …}")
    if len(value) > _LONGEST_TEXT:
        raise Wanted(f"must be at most {_LONGEST_TEXT} characters long")
    return " ".join(value.split())


def read_share(value: object) -> str:
    """A part of one as exact decimal text.

    >>> read_share("99.89 %"), read_share("0.9989"), read_share(1)
    ('0.9989', '0.9989', '1')
    """
    found = _SHARE.fullmatch(_as_written(value))
    share = Decimal(found[1]) / (100 if found[2] else 1) if found else None
    if share is None or share > 1:
        raise Wanted("must be a share such as 99.89 % or 0.9989")
    return _digits(share)


def read_number(value: object) -> str:
    """A positive number as exact decimal text.

    >>> read_number(1.5), read_number("2")
    ('1.5', '2')
    """
    try:
        number = Decimal(_as_written(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_nan() or not 0 < number < _MILLION:
        raise Wanted("must be a number above 0")
    return _digits(number)


def read_exact(value: object) -> str:
    """A number that is not negative, a percentage or a fraction, as exact text.

    >>> read_exact("1/30"), read_exact("5 %"), read_exact(0.05), read_exact(86400)
    ('1/30', '0.05', '0.05', '86400')
    """
    if isinstance(value, str) and _RATIO.fullmatch(value):
        return value
    found = _EXACT.fullmatch(_as_written(value))
    if found is None:
        raise Wanted("must be a number such as 0.05, 5 % or 1/30")
    return _digits(Decimal(found[1]) / (100 if found[2] else 1))


def _as_written(value: object) -> str:
    # A float's shortest form is what the author typed: no arithmetic has touched it yet.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value) if is_number else value.strip() if isinstance(value, str) else ""


def _digits(number: Decimal) -> str:
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def read_url(value: object) -> str:
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
        is_web = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or any(c.isspace() for c in str(value)):
        raise Wanted("must be an address such as https://example.com/")
    return str(value)


def read_host_port(value: object) -> str:
    found = _HOST_PORT.fullmatch(value) if isinstance(value, str) else None
    if found is None or not 0 < int(found[2]) < 65536:
        raise Wanted("must be host:port, such as 127.0.0.1:8080 or [::1]:8080")
    return str(value)


def split_host_port(text: str) -> tuple[str, int]:
    """
    >>> split_host_port("[::1]:80")
    ('::1', 80)
    """
    host, _, port = text.rpartition(":")
    return host.strip("[]"), int(port)


def read_name_server(value: object) -> str:
    """An address, with its port where that is not 53."""
    text = value if isinstance(value, str) else ""
    address, _ = split_name_server(text)
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise Wanted(
            "must be an address such as 192.0.2.53, or with a port 192.0.2.53:5353"
        ) from None
    if text != address:
        read_host_port(value)
    return text


def split_name_server(text: str) -> tuple[str, int]:
    """
    >>> split_name_server("192.0.2.53"), split_name_server("[::1]:5353"), split_name_server("::1")
    (('192.0.2.53', 53), ('::1', 5353), ('::1', 53))
    """
    return split_host_port(text) if _HOST_PORT.fullmatch(text) else (text, 53)


def read_host_name(value: object) -> str:
    """A name with a dot in it, short enough for one more label before it."""
    text = value if isinstance(value, str) else ""
    if len(text) > _LONGEST_HOST_NAME or not _HOST_NAME.fullmatch(text):
        raise Wanted("must be a host name such as example.com")
    return text


def read_network(value: object) -> str:
    try:
        return str(ipaddress.ip_network(value if isinstance(value, str) else ""))
    except ValueError:
        raise Wanted("must be a network such as 10.0.0.0/8 or fd00::/8") from None


def read_zone(value: object) -> str:
    try:
        if (isinstance(value, str) and "/" in value) or value == "UTC":
            return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise Wanted("must be a time zone such as America/Argentina/Buenos_Aires or UTC")


def string_schema(pattern: str | None, description: str, **rest: Any) -> WithJsonSchema:
    written = {"type": "string", "description": description, **rest}
    return WithJsonSchema(written | ({"pattern": f"^(?:{pattern})$"} if pattern else {}))


_NUMBER_SCHEMA = {"type": ["number", "string"]}

Seconds = Annotated[
    int,
    PlainValidator(read_seconds),
    string_schema("[0-9]{1,9}(s|m|h|d)", "", **{"x-written": "duration"}),
]
Milliseconds = Annotated[
    int,
    PlainValidator(read_milliseconds),
    string_schema("[0-9]{1,9}(ms|s|m|h|d)", "", **{"x-written": "duration in ms"}),
]
Day = Annotated[
    date, PlainValidator(read_day), string_schema(_DAY.pattern, "", **{"x-written": "day"})
]
Slug = Annotated[
    str,
    PlainValidator(read_slug),
    string_schema(_SLUG.pattern, "", maxLength=_LONGEST_SLUG, **{"x-written": "id"}),
]
Line = Annotated[
    str, PlainValidator(read_line), string_schema(None, "", minLength=1, maxLength=_LONGEST_LINE)
]
Words = Annotated[
    Text,
    PlainValidator(read_words),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {
                    "type": "object",
                    "minProperties": 1,
                    "properties": {str(lang): {"type": "string"} for lang in Lang},
                    "additionalProperties": {"type": "string"},
                },
            ],
            "x-written": "text or {es, en}",
        }
    ),
]
Share = Annotated[
    str,
    PlainValidator(read_share),
    WithJsonSchema(_NUMBER_SCHEMA | {"x-written": "share"}),
]
Number = Annotated[
    str,
    PlainValidator(read_number),
    WithJsonSchema(_NUMBER_SCHEMA | {"x-written": "number"}),
]
Exact = Annotated[
    str,
    PlainValidator(read_exact),
    WithJsonSchema(_NUMBER_SCHEMA | {"x-written": "number or fraction"}),
]
Url = Annotated[
    str, PlainValidator(read_url), string_schema("https?://.+", "", **{"x-written": "URL"})
]
HostPort = Annotated[
    str,
    PlainValidator(read_host_port),
    string_schema(".+:[0-9]+", "", **{"x-written": "host:port"}),
]
NameServer = Annotated[
    str, PlainValidator(read_name_server), string_schema(".+", "", **{"x-written": "address"})
]
HostName = Annotated[
    str, PlainValidator(read_host_name), string_schema(".+[.].+", "", **{"x-written": "name"})
]
Network = Annotated[
    str, PlainValidator(read_network), string_schema(".+/[0-9]+", "", **{"x-written": "network"})
]
AddressOrNetwork = Annotated[
    str,
    PlainValidator(read_network),
    string_schema("[0-9A-Fa-f:.]+(/[0-9]+)?", "", **{"x-written": "address or network"}),
]
Zone = Annotated[
    str, PlainValidator(read_zone), string_schema(".+/.+|UTC", "", **{"x-written": "time zone"})
]
