"""What figures rest on as plain values, and back: so that whoever has nothing else computes them
again. Of a configuration it is what decides: components, their checks, the rules of exclusion.

Secrets stay references, as in the configuration.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from credits.period.facts import IncidentParts, PeriodFacts
from monitor.catalogues.form import check_of
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import (
    Catalogue,
    CatalogueRevision,
    Check,
    Component,
    ConfiguredTerms,
    Page,
)
from monitor.domain.checks.fold import FoldState, Transition
from monitor.domain.checks.observation import CheckId, ComponentId, LocationId, Outcome
from monitor.domain.exclusions.classification import ExclusionRevision
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Segment
from monitor.results.log.ports import FoldKey
from monitor.runtime.frozen_json import from_json, to_json

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fold:
    """One check at one location: its transitions, in the order decided."""

    check: CheckId
    location: LocationId
    transitions: tuple[Transition, ...] = ()
    status: Outcome = Outcome.UNKNOWN
    covered_until: Second | None = None
    is_seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trouble:
    component: ComponentId
    timeline: tuple[Segment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    window: Interval
    maintenance: tuple[MaintenanceWindow, ...]
    incidents: tuple[IncidentParts, ...]
    exclusions: tuple[ExclusionRevision, ...]
    folds: tuple[_Fold, ...]
    troubles: tuple[_Trouble, ...]
    down_until: tuple[Second, ...]


def checks_of(catalogues: Catalogues, components: Collection[ComponentId]) -> set[CheckId]:
    """All checks that some components ever had."""
    return {
        check.id
        for revision in catalogues.revisions
        for component in components
        for check in revision.catalogue.checks_of(component)
    }


def facts_document(facts: PeriodFacts) -> dict[str, Any]:
    """Plain values; `facts_of` gives them back."""
    written: dict[str, Any] = to_json(
        _Facts(
            window=facts.window,
            maintenance=tuple(facts.maintenance),
            incidents=tuple(IncidentParts(id=i.id, affected=i.affected) for i in facts.incidents),
            exclusions=tuple(facts.classified),
            folds=tuple(_folds(facts)),
            troubles=tuple(
                _Trouble(component=c, timeline=facts.troubles[c]) for c in sorted(facts.troubles)
            ),
            down_until=tuple(sorted(facts.down_until)),
        )
    )
    return written


def facts_of(document: Document) -> PeriodFacts:
    """The inverse of `facts_document`. Raises what JSON that does not fit raises."""
    read: _Facts = from_json(_Facts, document)
    return PeriodFacts(
        window=read.window,
        maintenance=read.maintenance,
        incidents=read.incidents,
        classified=read.exclusions,
        transitions={_key(f): f.transitions for f in read.folds if f.transitions},
        states={
            _key(f): FoldState(status=f.status, covered_until=f.covered_until)
            for f in read.folds
            if f.is_seen
        },
        troubles={trouble.component: trouble.timeline for trouble in read.troubles},
        down_until=frozenset(read.down_until),
    )


def catalogues_document(
    catalogues: Catalogues, components: Collection[ComponentId], until: Second
) -> dict[str, Any]:
    """The configurations of some components before a second, each once, and which of them was in
    force from when on; one that changed nothing of them is left out."""
    definitions = _Definitions()
    revisions: list[dict[str, Any]] = []
    before: dict[str, Any] = {}
    for revision, period in catalogues.ruling:
        if revisions and period.start >= until:
            break
        decides = _deciding(revision.catalogue, components, definitions)
        if decides == before:
            continue
        before = decides
        start = {"number": revision.number, "hash": revision.hash, "since": period.start}
        revisions.append({**start, **decides})
    return {"definitions": definitions.found, "revisions": revisions}


def catalogues_of(document: Document) -> Catalogues:
    """The inverse, as far as figures rest on it. Raises what JSON that does not fit raises."""
    known = [_component_of(one) for one in document["definitions"]]
    return Catalogues([_revision_of(one, known) for one in document["revisions"]])


def _folds(facts: PeriodFacts) -> Iterator[_Fold]:
    # In the order in which they were read: of two that fell in one second the later bounds it.
    for key in dict.fromkeys([*facts.transitions, *sorted(facts.states)]):
        state = facts.states.get(key, FoldState())
        yield _Fold(
            check=key[0],
            location=key[1],
            transitions=tuple(facts.transitions.get(key, ())),
            status=state.status,
            covered_until=state.covered_until,
            is_seen=key in facts.states,
        )


def _key(fold: _Fold) -> FoldKey:
    return (fold.check, fold.location)


class _Definitions:
    """Components with their checks as plain values, each once however many revisions have it."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self._places: dict[str, int] = {}
        # Nearly every revision has the very parts of the one before.
        self._known: dict[tuple[int, ...], int] = {}

    def place_of(self, component: Component, checks: Sequence[Check]) -> int:
        parts = (id(component), *map(id, checks))
        if parts not in self._known:
            one = {"component": to_json(component), "checks": [to_json(c) for c in checks]}
            text = json.dumps(one, sort_keys=True)
            if text not in self._places:
                self._places[text] = len(self.found)
                self.found.append(one)
            self._known[parts] = self._places[text]
        return self._known[parts]


def _deciding(
    catalogue: Catalogue, components: Collection[ComponentId], definitions: _Definitions
) -> dict[str, Any]:
    return {
        "components": [
            definitions.place_of(component, catalogue.checks_of(component.id))
            for component in catalogue.components
            if component.id in components
        ],
        "terms": [to_json(terms) for terms in catalogue.terms[:1]],
        "min_coverage": catalogue.page.min_coverage,
        "zone": catalogue.zone.key,
    }


def _component_of(raw: Document) -> tuple[Component, tuple[Check, ...]]:
    component: Component = from_json(Component, raw["component"])
    return component, tuple(check_of(dict(check), {}) for check in raw["checks"])


def _revision_of(
    raw: Document, known: Sequence[tuple[Component, tuple[Check, ...]]]
) -> CatalogueRevision:
    found = [known[place] for place in raw["components"]]
    catalogue = Catalogue(
        zone=ZoneInfo(raw["zone"]),
        page=Page(name=plain("-"), company="-", url="-", min_coverage=raw["min_coverage"]),
        components=tuple(component for component, _ in found),
        checks=tuple(check for _, checks in found for check in checks),
        terms=tuple(from_json(ConfiguredTerms, terms) for terms in raw["terms"]),
    )
    return CatalogueRevision(
        number=raw["number"],
        hash=raw["hash"],
        text="",
        effective_from=Second(raw["since"]),
        catalogue=catalogue,
    )
