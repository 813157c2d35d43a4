"""What somebody asks to exclude, as it was typed, and what has to be true of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.domain.exclusions.classification import CAUSES, Evidence, EvidenceFile
from monitor.domain.refusals import Refused, public_text
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval, Second

LONGEST = 400 * 86_400
"""Seconds that one classification may span."""
MOST_FILES = MOST_LINKS = 20
LONGEST_LINK = 2_000
_LONGEST_NAME = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`component`, `start` and `end` None: as the incident has them."""

    cause: str
    evidence: Evidence
    component: str | None = None
    start: Second | None = None
    end: Second | None = None
    incident: str | None = None


def checked_span(start: Second, end: Second, now: Second) -> Interval:
    """Only what has happened can be classified. Raises Refused."""
    if end <= start:
        raise Refused("exclusion.ends_before_start")
    if end > now:
        raise Refused("exclusion.not_over")
    if end - start > LONGEST:
        raise Refused("exclusion.too_long", days=LONGEST // 86_400)
    return Interval(start, end)


def checked_cause(cause: str) -> str:
    """One of the contract's list. Raises Refused."""
    if cause not in CAUSES:
        raise Refused("exclusion.cause", cause=cause, causes=", ".join(CAUSES))
    return cause


def checked_evidence(evidence: Evidence) -> Evidence:
    """Words at least; files by name and hash, and links that open over TLS. Raises Refused."""
    if len(evidence.files) > MOST_FILES or len(evidence.links) > MOST_LINKS:
        raise Refused("exclusion.too_much_evidence", most=MOST_FILES)
    return Evidence(
        text=plain_words(evidence.text, "evidence"),
        files=tuple(map(_checked_file, evidence.files)),
        links=tuple(map(_checked_link, evidence.links)),
    )


def plain_words(text: str, what: str) -> str:
    """Trimmed, bounded and without control characters. Raises Refused."""
    return public_text(Text({"es": text}), what).in_locale("es")


def _checked_file(file: EvidenceFile) -> EvidenceFile:
    name, digest = file.name.strip(), file.sha256.lower()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise Refused("exclusion.file_name", name=name[:_LONGEST_NAME])
    if _SHA256.fullmatch(digest) is None or file.bytes < 0:
        raise Refused("exclusion.file_hash", name=name)
    return EvidenceFile(name=name, sha256=digest, bytes=file.bytes)


def _checked_link(link: str) -> str:
    if len(link) > LONGEST_LINK or not link.isprintable() or not _is_https(link):
        raise Refused("exclusion.link", link=link[:_LONGEST_NAME])
    return link


def _is_https(link: str) -> bool:
    """Without a name and password in it: those would be kept for ever."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
