"""Recognises bodies that are neither sound nor picture, whatever their status.

Only known kinds are reported: unrecognised bytes, such as encrypted ones, are no fault.
"""

from __future__ import annotations

_LOOKED_AT = 1024
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head", b"<body", b"<error")
_SPACES = frozenset("\t\n\r\f")
_MOST_CUT = 3
"""Bytes of a UTF-8 character that may be missing at the end of what is read."""


def recognised_as(body: bytes) -> str | None:
    """What the body is instead of media; None where it may be media.

    >>> recognised_as(b"<!DOCTYPE html>"), recognised_as(b'{"error": 1}')
    ('a page of HTML or XML', 'JSON')
    >>> recognised_as(b"G@" + bytes(186))
    """
    if not body:
        return "empty"
    start = body[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.lower().startswith(_MARKUP):
        return "a page of HTML or XML"
    # Subtitles are text, and right.
    if not _is_text(start) or start.startswith(b"WEBVTT"):
        return None
    if start.startswith(b"<"):
        return "a page of HTML or XML"
    return "JSON" if start.startswith((b"{", b"[")) else "plain text"


def _is_text(start: bytes) -> bool:
    cuts = range(_MOST_CUT + 1) if len(start) > _MOST_CUT else range(1)
    for cut in cuts:
        try:
            text = start[: len(start) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return all(c in _SPACES or c.isprintable() for c in text)
    return False
