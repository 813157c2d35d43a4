"""A month's availability as a file for strangers: every interval of every public component, so that
each percentage can be computed again without asking us.

Its form is part of what the page promises: `docs/page.md` describes it, and `VERSION` rises with
whatever changes the meaning of a field.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.domain.availability import Bucket, has_coverage
from monitor.domain.catalogue import Role
from monitor.domain.exclusions.rules import MAINTENANCE_CAUSE
from monitor.domain.rollup import Shown
from monitor.domain.text import Text
from monitor.domain.time.interval import Interval
from monitor.i18n.addresses import breakdown_path, incident_path, maintenance_path, month_path
from monitor.i18n.formats import Lang, utc_iso
from monitor.i18n.words import PAGE, SYMPTOMS
from statuspage.pages.site import languages
from statuspage.parts.months import months_of
from statuspage.view.breakdown import Breakdown, Stretch
from statuspage.view.closed_month import ClosedMonth, window_of
from statuspage.view.model import PublicMaintenance, Recount

FORMAT, VERSION = "availability-breakdown", 1
_COUNTED = (Bucket.UP, Bucket.DEGRADED, Bucket.DOWN, Bucket.EXCLUDED, Bucket.UNKNOWN)
Document = dict[str, Any]


def month_document(month: ClosedMonth) -> Document:
    """All components that were watched in it, in the page's order."""
    view, langs = month.view, languages(month.view)
    root = view.page.url.rstrip("/")
    return sealed(
        {
            "format": FORMAT,
            "version": VERSION,
            "month": month.name,
            "zone": view.zone.key,
            **_times(window_of(month.first, view.zone)),
            "guarantee": view.guarantee or None,
            "min_coverage": view.page.min_coverage,
            "is_final": month.is_final,
            "page": {lang.value: root + month_path(month.first, lang) for lang in langs},
            "components": [component_document(found, month) for found in month.breakdowns.values()],
        }
    )


def component_document(breakdown: Breakdown, month: ClosedMonth) -> Document:
    component, seconds, view = breakdown.component, breakdown.seconds, month.view
    langs, root = languages(view), view.page.url.rstrip("/")
    said = [r for r in month.recounts if r.component == component.id]
    is_opened = breakdown in month.opened
    (figures,) = months_of(component, view)
    return sealed(
        {
            "id": component.id,
            "name": _in_each(component.name, langs),
            "is_guaranteed": component.role is not Role.COURTESY,
            **_times(breakdown.window),
            "counted_s": {bucket.value: getattr(seconds, bucket.value) for bucket in _COUNTED},
            "excluded_s_by_cause": _by_cause(breakdown),
            "availability": _share(breakdown, view.page.min_coverage),
            "verdict": figures.verdict.value,
            "intervals": [_interval(stretch, langs, root) for stretch in breakdown.stretches],
            "maintenance": [_maintenance(w, langs, root) for w in breakdown.maintenance],
            "said_before": [_said(recount) for recount in said],
            "page": {
                lang.value: root + breakdown_path(month.first, component.id, lang) for lang in langs
            }
            if is_opened
            else None,
        }
    )


def sealed(document: Document) -> Document:
    """With the digest of all the rest, in its canonical form."""
    return {**document, "sha256": hashlib.sha256(canonical(document)).hexdigest()}


def canonical(document: Mapping[str, Any]) -> bytes:
    """The same bytes for equal documents, whatever the order and space they were written with."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def readable(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def exclusion_words(cause: str, lang: Lang) -> str:
    """Why time does not count, in published words."""
    words = PAGE[lang]
    if cause == MAINTENANCE_CAUSE:
        return words.states[Shown.MAINTENANCE].one.lower()
    return words.exclusion_causes.get(cause, words.breakdown.other_cause)


def _times(window: Interval) -> Document:
    return {
        "start": utc_iso(window.start),
        "end": utc_iso(window.end),
        "seconds": window.seconds,
    }


def _in_each(text: Text, langs: Sequence[Lang]) -> dict[str, str]:
    return {lang.value: text.in_locale(lang) for lang in langs}


def _by_cause(breakdown: Breakdown) -> dict[str, int]:
    found: Counter[str] = Counter()
    for stretch in breakdown.stretches:
        if stretch.bucket is Bucket.EXCLUDED:
            found[stretch.exclusion] += stretch.seconds
    return dict(sorted(found.items()))


def _share(breakdown: Breakdown, min_coverage: str) -> Document:
    """Exactly, and as the page shows it: cut to two decimals, and null of too little watched."""
    seconds = breakdown.seconds
    good = seconds.total - seconds.down
    is_shown = has_coverage(seconds.watched, seconds.total, min_coverage)
    whole, rest = divmod(good * 10_000 // seconds.total, 100)
    return {
        "numerator": good,
        "denominator": seconds.total,
        "percent": f"{whole}.{rest:02d}" if is_shown else None,
    }


def _interval(stretch: Stretch, langs: Sequence[Lang], root: str) -> Document:
    return {
        **_times(Interval(stretch.start, stretch.end)),
        "counts_as": stretch.bucket.value,
        "cause": _cause(stretch, langs),
        "is_inferred": stretch.is_inferred,
        "not_before": None if stretch.not_before is None else utc_iso(stretch.not_before),
        "incident": None
        if stretch.incident is None
        else {
            "id": stretch.incident[0],
            "title": _in_each(stretch.incident[1], langs),
            "page": {lang.value: root + incident_path(stretch.incident[0], lang) for lang in langs},
        },
    }


def _cause(stretch: Stretch, langs: Sequence[Lang]) -> Document | None:
    if stretch.exclusion:
        words = {lang.value: exclusion_words(stretch.exclusion, lang) for lang in langs}
        return {"id": stretch.exclusion, "words": words}
    if stretch.symptom is None:
        return None
    words = {lang.value: SYMPTOMS[lang][stretch.symptom].phrase for lang in langs}
    return {"id": stretch.symptom.value, "words": words}


def _maintenance(window: PublicMaintenance, langs: Sequence[Lang], root: str) -> Document:
    return {
        "id": window.id,
        "title": _in_each(window.title, langs),
        "published_at": utc_iso(window.published_at),
        **_times(Interval(window.start, window.end)),
        "is_cancelled": window.is_cancelled,
        "page": {lang.value: root + maintenance_path(window.id, lang) for lang in langs},
    }


def _said(recount: Recount) -> Document:
    return {
        "until": utc_iso(recount.at),
        "down": recount.down,
        "unknown": recount.unknown,
        "total": recount.total,
    }
