"""The compiled catalogue as a file: what prober and page start from, also while the core is dead.

JSON, written aside and renamed in, so a reader sees one whole file or the other. It holds what
those two need: checks with their specifications, gates, operations, and the page's settings.
Secrets stay references.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.adapters.catalogue_form import check_of
from monitor.adapters.frozen_json import dataclass_from_json, to_json
from monitor.domain.catalogue import (
    Alerting,
    Catalogue,
    CatalogueRevision,
    Check,
    MaintenanceRules,
)

FORM = 1
_KEPT = 8
"""How many revisions are written: the one in force, those to come, and what was replaced within
the minute."""


class CatalogueUnreadable(Exception):
    """The file is not there, or not this program's; the message names it and what is wrong."""


def write_catalogues(path: Path, revisions: Sequence[CatalogueRevision]) -> None:
    """Put the newest revisions into the file's place, durably. Raises OSError."""
    kept = sorted(revisions, key=lambda r: r.number)[-_KEPT:]
    content = {"form": FORM, "revisions": [to_json(_needed(revision)) for revision in kept]}
    aside = path.with_name(f"{path.name}.new")
    with aside.open("w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, separators=(",", ":"))
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)
    _sync_folder(path.parent)


def read_catalogues(
    path: Path, specs: Mapping[str, type[Any]] | None = None
) -> tuple[CatalogueRevision, ...]:
    """The revisions, oldest first; at least one. `specs` are the kinds' specification types;
    without them no check has its specification, for only who probes asks for it.

    Raises CatalogueUnreadable.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["form"] != FORM:
            raise ValueError(f"form {content['form']}, this program reads {FORM}")
        revisions = tuple(_revision(raw, specs) for raw in content["revisions"])
    except (
        OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError
    ) as error:  # fmt: skip
        raise CatalogueUnreadable(f"{path}: {type(error).__name__}: {error}") from error
    if not revisions:
        raise CatalogueUnreadable(f"{path}: no revision in it")
    return revisions


def _needed(revision: CatalogueRevision) -> CatalogueRevision:
    """Without what the core keeps to itself: whom to wake, what money hangs on, the text."""
    catalogue = replace(
        revision.catalogue, services=(), components=(), support=(), alerting=Alerting(), terms=(),
        maintenance=MaintenanceRules(),
    )  # fmt: skip
    return replace(revision, text="", refused="", catalogue=catalogue)


def _revision(raw: dict[str, Any], specs: Mapping[str, type[Any]] | None) -> CatalogueRevision:
    checks = tuple(_check(check, specs) for check in raw["catalogue"].pop("checks", ()))
    catalogue = dataclass_from_json(Catalogue, raw.pop("catalogue"), checks=checks)
    revision: CatalogueRevision = dataclass_from_json(CatalogueRevision, raw, catalogue=catalogue)
    return revision


def _check(raw: dict[str, Any], specs: Mapping[str, type[Any]] | None) -> Check:
    if specs is None:
        raw.pop("spec", None)
    return check_of(raw, specs or {})


def _sync_folder(folder: Path) -> None:
    """The rename itself must outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
