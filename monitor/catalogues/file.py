"""The compiled catalogue as a file: what prober and page start from, also while the core is dead.

JSON, written aside and renamed in, so a reader sees one whole file or the other. It holds what
those two need: checks with their specifications, connectivity checks, operations, and the page's
settings.
Secrets stay references. Each check is in it once, however many revisions have it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.catalogues.form import check_of
from monitor.catalogues.steps import parts_in, ranges
from monitor.domain.catalogue import (
    Alerting,
    Catalogue,
    CatalogueRevision,
    Check,
    MaintenanceRules,
)
from monitor.runtime.folders import sync_folder
from monitor.runtime.frozen_json import dataclass_from_json, to_json

FORM = 2
_OLD_FORM = 1
"""Each revision with all of its checks: a prober of this version starts from the file that the
core of the version before left."""
_MOST_REVISIONS = 8
"""How many revisions are written: the one in force, those to come, and what was replaced within
the minute."""


class CatalogueUnreadable(Exception):
    """The file is not there, or not this program's; the message names it and what is wrong."""


def write_catalogues(path: Path, revisions: Sequence[CatalogueRevision]) -> None:
    """Put the newest revisions into the file's place, durably. Raises OSError."""
    newest = sorted(revisions, key=lambda r: r.number)[-_MOST_REVISIONS:]
    content = _written(newest)
    aside = path.with_name(f"{path.name}.new")
    with aside.open("w", encoding="utf-8") as out:
        json.dump(content, out, ensure_ascii=False, separators=(",", ":"))
        out.flush()
        os.fsync(out.fileno())
    aside.replace(path)
    sync_folder(path.parent)


def read_catalogues(
    path: Path, specs: Mapping[str, type[Any]] | None = None
) -> tuple[CatalogueRevision, ...]:
    """The revisions, oldest first; at least one. `specs` are the kinds' specification types;
    without them no check has its specification, for only the prober needs it.

    Raises CatalogueUnreadable.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        if content["form"] not in (FORM, _OLD_FORM):
            raise ValueError(f"form {content['form']}, this program reads {_OLD_FORM} and {FORM}")
        revisions = _read(content, specs)
    except (
        OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError
    ) as error:  # fmt: skip
        raise CatalogueUnreadable(f"{path}: {type(error).__name__}: {error}") from error
    if not revisions:
        raise CatalogueUnreadable(f"{path}: no revision in it")
    return revisions


def _written(revisions: Sequence[CatalogueRevision]) -> dict[str, Any]:
    """`checks` holds every one; a revision's are ranges of them, as `[start, end]`."""
    places: dict[int, int] = {}
    checks: list[Check] = []
    written: list[dict[str, Any]] = []
    for revision in revisions:
        for check in revision.catalogue.checks:
            if id(check) not in places:
                places[id(check)] = len(checks)
                checks.append(check)
        raw = to_json(_needed(revision))
        raw["catalogue"]["checks"] = list(
            ranges([places[id(check)] for check in revision.catalogue.checks])
        )
        written.append(raw)
    return {"form": FORM, "checks": to_json(checks), "revisions": written}


def _needed(revision: CatalogueRevision) -> CatalogueRevision:
    """Without its checks, and what only the core needs: whom to wake, what money depends on, the
    text."""
    catalogue = replace(
        revision.catalogue, services=(), components=(), checks=(), support=(), alerting=Alerting(),
        terms=(), maintenance=MaintenanceRules(),
    )  # fmt: skip
    return replace(revision, text="", refused="", catalogue=catalogue)


def _read(
    content: Mapping[str, Any], specs: Mapping[str, type[Any]] | None
) -> tuple[CatalogueRevision, ...]:
    """In the old form, the `checks` of a revision are checks."""
    known = tuple(_check(check, specs) for check in content.get("checks", ()))
    found: list[CatalogueRevision] = []
    for raw in content["revisions"]:
        written = raw["catalogue"].pop("checks", ())
        if content["form"] == _OLD_FORM:
            checks = tuple(_check(check, specs) for check in written)
        else:
            checks = tuple(check for span in written for check in parts_in(span, known))
        catalogue: Catalogue = dataclass_from_json(Catalogue, raw.pop("catalogue"), checks=checks)
        if found:
            catalogue.beside(found[-1].catalogue)
        found.append(dataclass_from_json(CatalogueRevision, raw, catalogue=catalogue))
    return tuple(found)


def _check(raw: dict[str, Any], specs: Mapping[str, type[Any]] | None) -> Check:
    if specs is None:
        raw.pop("spec", None)
    return check_of(raw, specs or {})
