"""Every check of the catalogue in force: its status, and what its last run observed.

The text is written here and not by the library, for there are many: 10 000 checks are 80 000
samples, for which the library takes ten times as long, in the core's own loop. What becomes a label
is known beforehand: ids of the catalogue, declared phases, and the one failure class of a failing
check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue, Check
from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import LocationId, Outcome
from monitor.domain.time.interval import Second
from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.families import VALUE, VALUE_WORDS
from monitor.state.component_status import check_status
from monitor.state.last_runs import LastRun

Phases = Mapping[str, Sequence[str]]
"""What each kind of probe declares."""
Samples = Iterator[tuple[str, float]]
"""Further labels, as they are written, and the value."""


@dataclass(frozen=True, slots=True)
class _One:
    """A check at one location; `labels` are as they are written, without the closing brace."""

    labels: str
    check: Check
    state: FoldState | None
    last_run: LastRun | None
    now: Second
    silent_s: float | None


def check_lines(metrics: CoreMetrics, now: Second, phases: Phases) -> Iterator[str]:
    """The exposition's lines, family by family."""
    if metrics.catalogue is None:
        return
    yield from _infos(metrics.catalogue)
    ones = list(_ones(metrics, metrics.catalogue, now))
    for name, words, values in _FAMILIES:
        yield f"# HELP {name} {words}.\n# TYPE {name} gauge\n"
        for one in ones:
            for more, value in values(one, phases):
                yield f"{name}{{{one.labels}{more}}} {value!r}\n"


def _infos(catalogue: Catalogue) -> Iterator[str]:
    name = "estado_check_info"
    yield f"# HELP {name} What it belongs to; always 1.\n# TYPE {name} gauge\n"
    services = {c.id: c.service for c in catalogue.components}
    for check in catalogue.checks:
        yield (
            f'{name}{{check="{check.id}",component="{check.component}"'
            f',service="{services[check.component]}",probe="{check.kind}"}} 1.0\n'
        )


def _ones(metrics: CoreMetrics, catalogue: Catalogue, now: Second) -> Iterator[_One]:
    for check in catalogue.checks:
        for location in check.locations:
            key = (check.id, location)
            yield _One(
                _labels(check, location),
                check,
                metrics.states.get(key),
                metrics.last_runs.get(key),
                now,
                metrics.silent_s.get(key),
            )


def _labels(check: Check, location: LocationId) -> str:
    """Ids are slugs: nothing in them has to be escaped."""
    return f'check="{check.id}",location="{location}"'


def _status(one: _One, phases: Phases) -> Samples:
    yield "", VALUE[check_status(one.state, one.check, one.now, one.silent_s)]


def _slot(one: _One, phases: Phases) -> Samples:
    if one.state is not None and one.state.last_slot is not None:
        yield "", float(one.state.last_slot)


def _total(one: _One, phases: Phases) -> Samples:
    if one.last_run is not None:
        yield "", round(one.last_run.total_ms / 1000, 6)


def _phases(one: _One, phases: Phases) -> Samples:
    if one.last_run is not None:
        declared = phases.get(one.check.kind, ())
        for phase, spent in zip(one.last_run.phases, one.last_run.spent_ms, strict=True):
            if phase in declared:
                yield f',phase="{phase}"', round(spent / 1000, 6)


def _certificate(one: _One, phases: Phases) -> Samples:
    if one.last_run is not None and one.last_run.certificate_until is not None:
        yield "", float(one.last_run.certificate_until)


def _failing(one: _One, phases: Phases) -> Samples:
    if one.last_run is not None and one.last_run.outcome is not Outcome.UP:
        yield f',failure="{one.last_run.failure}"', 1.0


_FAMILIES: tuple[tuple[str, str, Callable[[_One, Phases], Samples]], ...] = (
    ("estado_check_status", f"Confirmed: {VALUE_WORDS}", _status),
    ("estado_check_slot_timestamp_seconds", "Slot of the last look", _slot),
    ("estado_check_look_seconds", "How long the last look took", _total),
    ("estado_check_phase_seconds", "How long each phase of it took", _phases),
    (
        "estado_check_certificate_expiry_timestamp_seconds",
        "When the certificate expires that was seen last",
        _certificate,
    ),
    ("estado_check_failing", "1 where the last look was no success, with its class", _failing),
)
