"""How much of this month's allowed downtime is used up."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from credits.figures import fraction_field, seconds_field
from monitor.api.operation import Answer, Call, Operation
from monitor.api.ports import Backend
from monitor.api.present.budgets import Budgets, ComponentBudget
from monitor.api.schema import Document, Instant, Parameters, instant, instant_or_none
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import Refused
from monitor.incidents.service_bounds import ServiceBounds

_WAIT_S = 20.0
_RETRY_S = 5
_MOST = 1_000


class BudgetQuery(Parameters):
    limit: Annotated[int, Field(ge=1, le=_MOST)] = 100


class ComponentBudgetDocument(Document):
    """Seconds are whole, or exact text where the terms weigh them. `share` is used of allowed, in
    lowest terms; null where nothing is allowed."""

    component: str
    service: str
    name: dict[str, str]
    allowed_s: int | str
    used_s: int | str
    unknown_s: int
    excluded_s: int
    share: str | None
    is_used_up: bool
    is_going_on: bool
    used_up_at: Instant | None


class BudgetDocument(Document):
    """`start` and `end` are the month's, `at` is of when the figures are; `total` counts the
    components, of which the worst are listed."""

    at: Instant
    month: str
    start: Instant
    end: Instant
    zone: str
    guarantee: str | None
    total: int
    components: list[ComponentBudgetDocument]


def show(call: Call) -> Answer:
    found = present_budgets(call.backend, _WAIT_S)
    if found is None:
        raise Refused("request.busy", seconds=_RETRY_S)
    bounds = ServiceBounds.of(call.actor, call.catalogue)
    seen = [one for one in found.components if bounds.has(one.component.id)]
    shown = seen[: call.asked(BudgetQuery).limit]
    return Answer(document=_document(found, shown, len(seen), call.zone))


def present_budgets(backend: Backend, wait_s: float) -> Budgets | None:
    """As `MonthBudgets.read`, of the present. Raises JournalError."""
    read = backend.core_states.read(backend.reading, backend.source.catalogues(), backend.clock)
    return backend.budgets.read(backend, read.core, backend.clock.now(), wait_s)


def _document(
    found: Budgets, shown: list[ComponentBudget], total: int, zone: ZoneInfo
) -> BudgetDocument:
    return BudgetDocument(
        at=instant(found.at, zone),
        month=found.first.strftime("%Y-%m"),
        start=instant(found.month.start, zone),
        end=instant(found.month.end, zone),
        zone=zone.key,
        guarantee=found.guarantee,
        total=total,
        components=[_component(one, zone) for one in shown],
    )


def _component(one: ComponentBudget, zone: ZoneInfo) -> ComponentBudgetDocument:
    component, budget = one.component, one.budget
    return ComponentBudgetDocument(
        component=component.id,
        service=component.service,
        name=dict(component.name.by_locale),
        allowed_s=seconds_field(budget.allowed),
        used_s=seconds_field(budget.used),
        unknown_s=one.seconds.unknown,
        excluded_s=one.seconds.excluded,
        share=None if budget.share is None else fraction_field(budget.share),
        is_used_up=budget.is_used_up,
        is_going_on=budget.is_going_on,
        used_up_at=instant_or_none(budget.used_up_at, zone),
    )


OPERATIONS = (
    Operation(
        method="GET", path="/budget", name="show_budget", scope=Scope.STATE_READ,
        summary="How much of this month's allowed downtime is used up.",
        query=BudgetQuery, answer=BudgetDocument, handle=show,
    ),
)  # fmt: skip
