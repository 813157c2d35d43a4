"""A case's figures. The product's own fold makes timelines from the probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from credits.assess import Assessment, assess
from credits.cases.case import Case, CaseComponent
from credits.figures import fraction_field, percent_floor6, seconds_field
from credits.money import exact_text, minor_units
from monitor.domain.availability import Member, product_timeline
from monitor.domain.checks.fold import FoldInput, FoldState, Policy, Transition, advance
from monitor.domain.checks.observation import ComponentId, FailureId, Outcome
from monitor.domain.exclusions.rules import exclusions_under
from monitor.domain.time.interval import Interval, IntervalSet, Second
from monitor.domain.timeline import Segment, Timeline, timeline_of

_FAILED = FailureId("probe_failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A figure that differs from the expected one; `path` begins at the case's `expected`."""

    path: str
    wanted: object
    got: object

    def __str__(self) -> str:
        return f"{self.path}: wanted {self.wanted!r}, got {self.got!r}"


def compute(case: Case) -> Assessment:
    """Judge one case."""
    timelines = {ComponentId(c.id): _timeline(c, case) for c in case.components}
    members = [
        Member(component=ComponentId(c.id), timeline=timelines[ComponentId(c.id)], group=c.group)
        for c in case.components
        if c.is_required
    ]
    exclusions = exclusions_under(
        case.terms.exclusion_rules, case.maintenance, case.approved, timelines
    )
    spans = product_timeline(members, exclusions, case.contracted)
    return assess(spans, case.segments, case.terms, is_suspended=case.is_suspended)


def figures(case: Case) -> dict[str, object]:
    """The case's `id` and the fields of `expected`, as a file has them."""
    assessment = compute(case)
    judged, seconds = assessment.judgement, assessment.seconds
    return {
        "id": case.id,
        "contracted_s": judged.contracted_s,
        "denominator_s": judged.denominator_s,
        "downtime_s": seconds_field(judged.downtime),
        "inferred_down_s": seconds.inferred,
        "degraded_s": seconds.degraded,
        "excluded_s": seconds.excluded,
        "unknown_s": seconds.unknown,
        "allowed_downtime_s": exact_text(judged.allowed),
        "verdict": judged.verdict.value,
        "uptime_fraction": fraction_field(judged.uptime),
        "uptime_pct_floor6": percent_floor6(judged.uptime),
        "lines": [
            {
                "invoice": line.segment.invoice_id,
                "downtime_s": seconds_field(line.downtime),
                "invoice_period_s": line.segment.period.seconds,
                "amount": f"{line.amount.amount:f}",
            }
            for line in assessment.lines
        ],
        "currency": _currency(assessment),
        "credit": _credit(assessment),
        "status": assessment.status.value,
    }


def differences(expected: Mapping[str, object], found: Mapping[str, object]) -> list[Difference]:
    """Where computed figures differ from the expected ones; every expected field is compared."""
    out: list[Difference] = []
    for key, wanted in expected.items():
        _compare(f"expected.{key}", wanted, found.get(key), out)
    return out


def fold_probes(probes: Mapping[Second, bool], policy: Policy) -> Timeline:
    """The timeline of one component's probes; their order does not matter."""
    state, decided = FoldState(), list[Transition]()
    for second in sorted(probes):
        state, changed = advance(state, _fold_input(second, is_ok=probes[second]), policy)
        decided.extend(changed)
    return timeline_of(decided, state.covered_until)


def _fold_input(second: Second, *, is_ok: bool) -> FoldInput:
    if is_ok:
        return FoldInput(slot=second, outcome=Outcome.UP)
    return FoldInput(slot=second, outcome=Outcome.DOWN, failure=_FAILED)


def _timeline(component: CaseComponent, case: Case) -> Timeline:
    if component.probes is not None:
        return fold_probes(component.probes, case.probing)
    slow = component.degraded - component.down
    # Before a failure that the case dates before the window, the component was up.
    first_start = min((p.start for p in (*component.down, *slow)), default=case.window.start)
    described = Interval(min(first_start, case.window.start), case.window.end)
    up = IntervalSet.of([described]) - component.down - slow
    parts = [
        *_segments(up, Outcome.UP),
        *_segments(slow, Outcome.DEGRADED),
        *_segments(component.down, Outcome.DOWN),
    ]
    return tuple(sorted(parts, key=lambda s: s.start))


def _segments(parts: Sequence[Interval] | IntervalSet, status: Outcome) -> list[Segment]:
    return [Segment(start=p.start, end=p.end, status=status) for p in parts]


def _currency(assessment: Assessment) -> str | None:
    """None where there is no invoice."""
    return assessment.totals[0].currency if assessment.totals else None


def _credit(assessment: Assessment) -> str:
    if not assessment.totals:
        return "0"
    credit = assessment.totals[0]
    return f"{credit.amount:.{minor_units(credit.currency)}f}"


def _compare(path: str, wanted: object, got: object, out: list[Difference]) -> None:
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        for i, (a, b) in enumerate(zip(wanted, got, strict=True)):
            _compare(f"{path}[{i}]", a, b, out)
    elif isinstance(wanted, Mapping) and isinstance(got, Mapping):
        for key, value in wanted.items():
            _compare(f"{path}.{key}", value, got.get(key), out)
    elif type(wanted) is not type(got) or wanted != got:
        out.append(Difference(path=path, wanted=wanted, got=got))
