"""A configuration as people wrote it: each value with its line; a secret is its reference alone.

A secret that somebody wrote down where a reference belongs is hidden as far as its name or its form
gives it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from monitor.config.document import Leaf, Scalar, read_leaves
from monitor.config.errors import Path, write_path
from monitor.domain.secret import MASK

_SENSITIVE = re.compile(
    r"pass(?:word|wd|phrase)|secret|token|api[-_]?key|authorization|cookie|credential|signature"
    r"|^key$",
    re.IGNORECASE,
)
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:.+")
_SCHEME = re.compile(r"(?:bearer|basic|digest|negotiate|token)\s+\S", re.IGNORECASE)
_FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredValue:
    """`path` as a person writes it (`services[0].id`); `value` is a scalar, or an empty list or
    mapping."""

    path: str
    line: int
    value: Scalar | list[object] | dict[str, object]


def configured_values(text: str) -> tuple[ConfiguredValue, ...]:
    """In the order of the file. Raises Unreadable."""
    return tuple(_values(text))


def _values(text: str) -> Iterator[ConfiguredValue]:
    for leaf in read_leaves(text):
        yield ConfiguredValue(path=write_path(leaf.path), line=leaf.line, value=_shown(leaf))


def _shown(leaf: Leaf) -> Scalar | list[object] | dict[str, object]:
    value = leaf.value
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return value
    if _is_reference(leaf.path, str(value)):
        return value
    names = [part for part in leaf.path if isinstance(part, str)]
    if any(map(_SENSITIVE.search, names)) or _SCHEME.match(str(value)):
        return MASK
    return _without_secrets(value, leaf.path) if isinstance(value, str) else value


def _is_reference(path: Path, value: str) -> bool:
    """`${NAME}`, `file:/path`, or `{file: /path}`."""
    return _REFERENCE.fullmatch(value) is not None or path[-1:] == (_FILE,)


def _without_secrets(value: str, path: Path) -> str:
    """An address without user and password, and without what is secret of its query. The address
    of an alert's target is often a secret as a whole: its host is shown."""
    if "://" not in value:
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return MASK
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{MASK}@{host}" if "@" in parts.netloc else host
    if path[:1] == ("alerts",):
        rest = f"/{MASK}" if parts.path.strip("/") or parts.query else parts.path
        return urlunsplit((parts.scheme, netloc, rest, "", ""))
    query = parts.query
    if _SENSITIVE.search(query):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(k, MASK if _SENSITIVE.search(k) else v) for k, v in pairs], safe="*")
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))
