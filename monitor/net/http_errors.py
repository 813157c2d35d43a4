"""What an HTTP server's answer, or the lack of one, means, in a few words."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from os import strerror

import aiohttp

from monitor.domain.time.interval import Second


def retry_after(value: str, now: Second) -> float | None:
    """Seconds to wait, from seconds or a date (RFC 9110, 10.2.3); None for anything else.

    >>> retry_after("120", Second(0)), retry_after("Thu, 01 Jan 1970 00:01:00 GMT", Second(10))
    (120.0, 50.0)
    >>> retry_after("soon", Second(0)) is None
    True
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    at = http_date(value)
    return None if at is None else max(0.0, at - now)


def http_date(value: str) -> float | None:
    """Seconds since 1970; None where it is no date.

    >>> http_date("Thu, 01 Jan 1970 00:01:00 GMT")
    60.0
    """
    try:
        at: datetime = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()


def why(error: BaseException) -> str:
    """Why an exchange failed. An error's own text is left out: it may hold a secret address."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is refused"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not found"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return f"no connection: {strerror(number) if number else type(error.os_error).__name__}"
    return type(error).__name__


def excerpt(body: bytes) -> str:
    """The first words of an answer, for the log."""
    line = shown(body[:400].decode("utf-8", "replace"), 200)
    return f": {line}" if line else ""


def shown(text: str, longest: int) -> str:
    """Text from outside on one line, without unprintable characters: a terminal would act on a
    control character, and a lone surrogate cannot be written anywhere.

    >>> shown("no \\x1b[2J such\\n\\ud800 bucket", 100)
    'no [2J such bucket'
    """
    words = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(words.split())[:longest]
