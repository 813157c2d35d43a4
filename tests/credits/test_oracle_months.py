"""Contracts whose terms and required components change inside a month: the product agrees with a
walk over every second. `ESTADO_CREDIT_MONTHS` says how many (default 400).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from credits.cases.times import read_instant
from credits.contract import Contract, ContractId, PriceSegment, TermsPeriod
from credits.figures import fraction_field, percent_floor6, seconds_field
from credits.money import Money, exact_text, minor_units
from credits.period.assessed import Assessed, assessed_parts
from credits.period.facts import PeriodFacts
from credits.period.period_data import PeriodData
from credits.terms import terms_of
from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Check, Component, Page, Role
from monitor.domain.checks.fold import FoldState, Policy, Transition
from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    ComponentId,
    Outcome,
    ServiceId,
)
from monitor.domain.exclusions.classification import (
    Evidence,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.domain.timeline import timeline_of
from tests.credits.oracle_months import opinions
from tests.credits.random_months import random_month
from tests.credits.test_oracle import DEFAULT

ASKED = int(os.environ.get("ESTADO_CREDIT_MONTHS", "400"))
BATCH = 100
ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
OUTCOMES = {"U": Outcome.UP, "D": Outcome.DOWN, "S": Outcome.DEGRADED, "?": Outcome.UNKNOWN}


def at(text: str) -> Second:
    found = read_instant(text, ZONE)
    assert found is not None
    return found


def span(thing: dict[str, Any]) -> Interval:
    return Interval(at(thing["start"]), at(thing["end"]))


def spans(pairs: list[list[str]]) -> tuple[Interval, ...]:
    return tuple(Interval(at(a), at(b)) for a, b in pairs)


def transitions(component: dict[str, Any]) -> tuple[Transition, ...]:
    found, before = [], Outcome.UNKNOWN
    for when, letter in component["changes"]:
        to = OUTCOMES[letter]
        cause = "conn_refused" if to in (Outcome.DOWN, Outcome.DEGRADED) else "gap"
        found.append(
            Transition(
                source=before, to=to, effective_at=at(when), previous_at=None,
                decided_by=at(when), cause=cause,
            )
        )  # fmt: skip
        before = to
    return tuple(found)


def catalogues(month: dict[str, Any]) -> Catalogues:
    return Catalogues(
        [
            CatalogueRevision(
                number=number, hash=str(number), text="", effective_from=at(one["since"]),
                catalogue=catalogue(month, one),
            )
            for number, one in enumerate(month["configurations"], 1)
        ]
    )  # fmt: skip


def catalogue(month: dict[str, Any], configuration: dict[str, Any]) -> Catalogue:
    names = [component["id"] for component in month["components"]]
    return Catalogue(
        zone=ZONE,
        page=Page(name=plain("-"), company="-", url="-"),
        components=tuple(
            Component(
                id=ComponentId(name), service=ServiceId("s"), name=plain(name),
                role=Role.REQUIRED if name in configuration["required"] else Role.COURTESY,
                group=configuration["groups"].get(name),
            )
            for name in names
        ),
        checks=tuple(
            Check(
                id=CheckId(f"k-{name}"), component=ComponentId(name), kind="tcp", spec=None,
                policy=Policy(interval=60, max_gap=120), timeout_s=10,
            )
            for name in names
        ),
    )  # fmt: skip


def facts(month: dict[str, Any]) -> PeriodFacts:
    decided = {(CheckId(f"k-{one['id']}"), LOCAL): transitions(one) for one in month["components"]}
    known = FoldState(status=Outcome.UP, covered_until=FOREVER)
    return PeriodFacts(
        window=span(month["window"]),
        maintenance=tuple(windows(month)),
        incidents=(),
        classified=tuple(exclusions(month)),
        transitions=decided,
        states=dict.fromkeys(decided, known),
        troubles={
            ComponentId(one["id"]): timeline_of(transitions(one), FOREVER)
            for one in month["components"]
        },
        down_until=frozenset(),
    )


def windows(month: dict[str, Any]) -> Iterator[MaintenanceWindow]:
    for number, one in enumerate(month["maintenance"]):
        yield MaintenanceWindow(
            id=MaintenanceId(f"w{number}"), title=plain("-"), impact=plain("-"),
            start=span(one).start, end=span(one).end, published_at=at(one["published_at"]),
            components=tuple(map(ComponentId, one["components"])),
        )  # fmt: skip


def exclusions(month: dict[str, Any]) -> Iterator[ExclusionRevision]:
    for number, one in enumerate(month["exclusions"]):
        for name in one["components"]:
            yield ExclusionRevision(
                reference=ExclusionReference(f"x{number}"), revision=2,
                component=ComponentId(name), interval=span(one), cause=one["cause"],
                evidence=Evidence(text="-"), proposed_by="ana", decided_by="luz",
                at=Second(0), state=RevisionState.APPROVED,
            )  # fmt: skip


def contract(month: dict[str, Any]) -> Contract:
    whole = span(month["window"])
    starts = [at(one["since"]) for one in month["terms"]]
    terms = tuple(
        TermsPeriod(period=Interval(start, end), label="-", terms=terms_of(one["policy"]))
        for one, start, end in zip(month["terms"], starts, [*starts[1:], whole.end], strict=True)
    )
    return Contract(
        id=ContractId("C"), client_id="c", service_id="s", product="p",
        active=spans(month["active"]) if "active" in month else (whole,),
        suspended=spans(month.get("suspended", [])),
        is_suspended=bool(month.get("account")),
        terms=terms,
        segments=tuple(
            PriceSegment(
                invoice_id=one["id"], line_id=one["id"], period=span(one),
                net=Money(Decimal(one["net_amount"]), one["currency"]),
                weight=Decimal(one.get("weight", "1")),
                already_credited=Decimal(one.get("already_credited", "0")),
            )
            for one in month["invoices"]
        ),
    )  # fmt: skip


def figures(found: Assessed) -> dict[str, Any]:
    """As `tests.credits.oracle` has them."""
    assessment = found.assessment
    judged, seconds = assessment.judgement, assessment.seconds
    (total,) = assessment.totals
    return {
        "id": found.window.start,
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
        "currency": total.currency,
        "credit": f"{total.amount:.{minor_units(total.currency)}f}",
        "status": assessment.status.value,
    }


def computed(month: dict[str, Any]) -> list[dict[str, Any]]:
    period_data = PeriodData.of(facts(month), catalogues(month))
    return [figures(found) for found in assessed_parts(contract(month), period_data)]


def expected(month: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**said, "id": at(said["id"])} for said in opinions(month, DEFAULT)]


@pytest.mark.parametrize("batch", range(-(-ASKED // BATCH)))
def test_it_agrees_with_a_walk_over_every_second(batch: int) -> None:
    for seed in range(batch * BATCH, min(ASKED, (batch + 1) * BATCH)):
        month = random_month(seed)
        assert computed(month) == expected(month), f"month {seed}"


def test_the_random_months_reach_what_they_are_for() -> None:
    months = [random_month(seed) for seed in range(200)]
    found = [row for month in months for row in computed(month)]
    verdicts = Counter(row["verdict"] for row in found)
    assert min(verdicts[v] for v in ("breach", "indeterminate", "no_breach")) > 15
    for field in ("degraded_s", "excluded_s", "unknown_s"):
        assert sum(row[field] > 0 for row in found) > 30
    assert sum(len(computed(month)) > 1 for month in months) > 50
    assert sum(len(month["configurations"]) > 1 for month in months) > 50
    assert sum("suspended" in month for month in months) > 50
