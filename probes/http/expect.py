"""What an `http` check expects of an answer, and the failure class where that does not hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TypeGuard

from monitor.domain.checks.observation import FailureId, Json
from monitor.net.errors import PROBE_ERROR, TOO_LARGE, ProbeFailure
from probes._pattern import Pattern, TooCostly
from probes.http.charset import declared, decode

STATUS_MISMATCH = FailureId("status_mismatch")
HEADER_MISMATCH = FailureId("header_mismatch")
BODY_MISMATCH = FailureId("body_mismatch")
JSON_MISMATCH = FailureId("json_mismatch")
SIZE = FailureId("size")
STALE_CONTENT = FailureId("stale_content")
REDIRECT_LOOP = FailureId("redirect_loop")

_EXCERPT = 120
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
Statuses = tuple[tuple[int, int], ...]


@lru_cache(maxsize=1024)
def parse_statuses(wanted: tuple[int | str, ...]) -> Statuses:
    """Inclusive ranges. Raises ValueError.

    >>> parse_statuses((204, "300-399"))
    ((204, 204), (300, 399))
    """
    ranges = tuple(_range(str(text)) for text in wanted)
    if not ranges:
        raise ValueError("expect_status names no status")
    return ranges


def _range(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*([1-9]\d\d)(?:\s*-\s*([1-9]\d\d))?\s*", text)
    if not found:
        raise ValueError(f"expect_status: want 200 or 200-299, got {text!r}")
    first = int(found[1])
    last = int(found[2] or first)
    if last < first:
        raise ValueError(f"expect_status: {text!r} ends before it begins")
    return first, last


@lru_cache(maxsize=1024)
def is_expected(status: int, wanted: tuple[int | str, ...]) -> bool:
    return any(first <= status <= last for first, last in parse_statuses(wanted))


def check_status(status: int, wanted: tuple[int | str, ...]) -> None:
    if not is_expected(status, wanted):
        shown = ", ".join(map(str, wanted))
        raise ProbeFailure(STATUS_MISMATCH, f"status {status}; expected {shown}")


def check_headers(headers: Mapping[str, str], wanted: Mapping[str, str]) -> None:
    for name, text in wanted.items():
        value = headers.get(name.lower())
        if value is None:
            raise ProbeFailure(HEADER_MISMATCH, f"no header {name}")
        if text not in value:
            raise ProbeFailure(
                HEADER_MISMATCH, f"header {name} lacks {text!r}", header=_excerpt(value)
            )


def check_age(headers: Mapping[str, str], max_age_s: float) -> None:
    """Compare Last-Modified with Date, both the server's: its clock need not agree with ours."""
    try:
        age = (
            parsedate_to_datetime(headers["date"]) - parsedate_to_datetime(headers["last-modified"])
        ).total_seconds()
    except KeyError as missing:
        raise ProbeFailure(
            HEADER_MISMATCH, f"no header {missing.args[0]} to tell the age by"
        ) from None
    except (ValueError, TypeError, OverflowError) as error:
        raise ProbeFailure(HEADER_MISMATCH, "a date that is none") from error
    if age > max_age_s:
        raise ProbeFailure(STALE_CONTENT, f"{age:.0f} s old; expected at most {max_age_s:g} s")


def check_size(size: int, smallest: int | None, largest: int | None, *, is_whole: bool) -> None:
    """A body that was cut at the cap is larger than the cap; nothing more is known of its size."""
    if largest is not None and size > largest:
        raise ProbeFailure(SIZE, f"more than {largest} bytes")
    if smallest is not None and size < smallest and is_whole:
        raise ProbeFailure(SIZE, f"{size} bytes; expected at least {smallest}")
    if not is_whole:
        raise ProbeFailure(TOO_LARGE, f"no end within max_bytes ({size})")


def check_text(
    text: str,
    *,
    wanted: str | None,
    forbidden: str | None,
    regex: str | None,
    is_whole: bool,
) -> None:
    """Search the body as far as it was read. In a cut body, a missing text proves nothing."""
    if wanted is not None and wanted not in text:
        raise _unfound(f"the body lacks {wanted!r}", text, is_whole=is_whole)
    if forbidden is not None and forbidden in text:
        raise ProbeFailure(BODY_MISMATCH, f"the body holds {forbidden!r}", excerpt=_excerpt(text))
    if regex is not None and not _is_found(regex, text):
        raise _unfound(f"nothing in the body matches {regex!r}", text, is_whole=is_whole)


def check_json(
    body: bytes, content_type: str, wanted: Mapping[str, Json], *, is_whole: bool
) -> None:
    if not is_whole:
        raise ProbeFailure(TOO_LARGE, f"no end within max_bytes ({len(body)})")
    try:
        document = _parsed(body, content_type)
    except (ValueError, RecursionError) as error:
        excerpt = _excerpt(decode(body, content_type))
        raise ProbeFailure(JSON_MISMATCH, "the body is no JSON", excerpt=excerpt) from error
    for path, value in wanted.items():
        found = _at(document, path)
        if found != value or isinstance(found, bool) != isinstance(value, bool):
            message = f"{path} is {_excerpt(json.dumps(found))}; expected {json.dumps(value)}"
            raise ProbeFailure(JSON_MISMATCH, message)


def parse_path(path: str) -> tuple[str | int, ...]:
    """Steps of a path. Raises ValueError.

    >>> parse_path("$.checks[0].name")
    ('checks', 0, 'name')
    """
    rest = path.removeprefix("$")
    steps = [(m[1], m[2], m.end() - m.start()) for m in _STEP.finditer(rest)]
    if not rest or sum(length for _, _, length in steps) != len(rest):
        raise ValueError(f"expect_json: want a path as in a.b[0].c, got {path!r}")
    return tuple(name or int(index) for name, index, _ in steps)


def _parsed(body: bytes, content_type: str) -> Json:
    """Without a declared encoding it is UTF-8, or UTF-16 or 32 as its zero bytes show."""
    if declared(content_type) is None:
        with suppress(UnicodeDecodeError):
            found: Json = json.loads(body)
            return found
    document: Json = json.loads(decode(body, content_type))
    return document


def _at(document: Json, path: str) -> Json:
    for step in parse_path(path):
        if isinstance(step, int) and _is_list(document) and step < len(document):
            document = document[step]
        elif isinstance(document, Mapping) and step in document:
            document = document[str(step)]
        else:
            raise ProbeFailure(JSON_MISMATCH, f"nothing stands at {path}")
    return document


def _is_list(document: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(document, list)


def _is_found(regex: str, text: str) -> bool:
    try:
        return Pattern.compiled(regex).is_found_in(text)
    except TooCostly as error:
        raise ProbeFailure(PROBE_ERROR, f"{regex!r} takes too long on this body") from error


def _unfound(message: str, text: str, *, is_whole: bool) -> ProbeFailure:
    if not is_whole:
        return ProbeFailure(TOO_LARGE, f"{message} within max_bytes, and does not end")
    return ProbeFailure(BODY_MISMATCH, message, excerpt=_excerpt(text))


def _excerpt(text: str) -> str:
    """Short enough to store, without characters that a terminal or a page would act on."""
    return "".join(c if c.isprintable() else " " for c in text[:_EXCERPT])
