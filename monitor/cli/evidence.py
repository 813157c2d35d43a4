"""Evidence as it is typed: words, files of which only how to recognise them is kept, links."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from monitor.domain.exclusions.classification import Evidence, EvidenceFile
from monitor.domain.refusals import Refused

FileOption = Annotated[
    list[Path] | None,
    typer.Option("--file", help="Evidence: its name, size and SHA-256 are kept, not the file."),
]
LinkOption = Annotated[list[str] | None, typer.Option("--link", help="Evidence: an https address.")]


def evidence_of(text: str, files: list[Path] | None, links: list[str] | None) -> Evidence:
    return Evidence(text=text, files=tuple(map(_hashed, files or ())), links=tuple(links or ()))


def _hashed(file: Path) -> EvidenceFile:
    """A file as evidence names it. Raises Refused where it cannot be read."""
    try:
        with file.open("rb") as opened:
            digest = hashlib.file_digest(opened, "sha256")
            size = opened.tell()
    except OSError as error:
        raise Refused("exclusion.file_unread", name=str(file), why=str(error.strerror)) from error
    return EvidenceFile(name=file.name, sha256=digest.hexdigest(), bytes=size)
