"""What a test needs of the machine: absent, it skips visibly; or fails (ESTADO_REQUIRE=all)."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

# Where Debian keeps servers that are not on a user's path.
_ELSEWHERE = (
    "/usr/sbin",
    "/sbin",
    "/usr/local/sbin",
    *map(str, Path("/usr/lib/postgresql").glob("*/bin")),
)

_LIGHTER = {"chromium": "chromium-headless-shell"}
"""The same engine without what a desktop's windows need: half of the CPU."""

_MISSING = "missing: "
_UNTESTED = "; untested: "


def find_server(binary: str) -> Path | None:
    """The binary's path, also where servers hide (`/usr/sbin`, PostgreSQL's own folder)."""
    hidden = os.pathsep.join(_ELSEWHERE)
    lighter = _LIGHTER.get(binary)
    found = (lighter and shutil.which(lighter)) or shutil.which(binary)
    found = found or shutil.which(binary, path=hidden)
    return Path(found) if found else None


def require_server(binary: str, leaves_untested: str) -> Path:
    """The path of a server's binary; without it the calling test or fixture ends here.

    `leaves_untested` says in a few words what nobody has looked at then ("IMAP against dovecot").
    """
    found = find_server(binary)
    require(found is not None, binary, leaves_untested)
    assert found is not None
    return found


def require(present: bool, what: str, leaves_untested: str) -> None:
    """The same for anything else: a module file, a namespace, a browser."""
    if present:
        return
    reason = f"{_MISSING}{what}{_UNTESTED}{leaves_untested}"
    if os.environ.get("ESTADO_REQUIRE") == "all":
        pytest.fail(f"{reason} (ESTADO_REQUIRE=all)", pytrace=False)
    pytest.skip(reason)


def untested_by_missing(reasons: Iterable[str]) -> dict[str, list[str]]:
    """What each missing thing leaves untested, read back from the reasons of skipped tests.

    >>> untested_by_missing(["Skipped: missing: postfix; untested: SMTP", "Skipped: too slow"])
    {'postfix': ['SMTP']}
    """
    found: dict[str, set[str]] = {}
    for reason in reasons:
        head, separator, untested = reason.partition(_UNTESTED)
        _, marker, what = head.partition(_MISSING)
        if separator and marker:
            found.setdefault(what, set()).add(untested)
    return {what: sorted(found[what]) for what in sorted(found)}


def other_skips(reasons: Iterable[str]) -> dict[str, int]:
    """How often each test was skipped for something else than a missing server.

    >>> other_skips(["Skipped: missing: postfix; untested: SMTP", "Skipped: too slow"])
    {'too slow': 1}
    """
    kept = [r.removeprefix("Skipped: ") for r in reasons if _UNTESTED not in r]
    return dict(sorted(Counter(kept).items()))
