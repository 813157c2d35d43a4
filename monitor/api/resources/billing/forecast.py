"""What the month under way will come to: of the fleet, of each set of terms, of the worst
contracts."""

from __future__ import annotations

import asyncio
from typing import Annotated

from pydantic import Field

from credits.forecast.alike import MOST_LISTED
from credits.forecast.fields import forecast_fields, listed, read_listed
from credits.forecast.forecast import Forecast
from monitor.api.operation import Answer, Call, Operation
from monitor.api.requests.limits import beside
from monitor.api.schema import Document, Instant, Parameters
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import require_every_service

_LIMIT = 20


class ForecastQuery(Parameters):
    limit: Annotated[int, Field(ge=0, le=MOST_LISTED)] = _LIMIT
    """How many contracts of which anything is used, the worst first."""


class SumDocument(Document):
    currency: str
    amount: str


Reached = Annotated[
    dict[str, int],
    Field(description="Contracts by the percent of their allowance that is used up."),
]
"""By `50`, `80` and `100`; of the last the guarantee is broken: strictly more than is allowed."""


class CostDocument(Document):
    at: Instant
    totals: list[SumDocument]


class ComponentDowntimeDocument(Document):
    component: str
    downtime_s: int
    is_going_on: bool


class TermsForecastDocument(Document):
    """Contracts of the same terms. The seconds are those of the most of them; `reached` counts all.
    Seconds are of the month, exact: text where they are not whole. `unknown_s` may have been
    downtime, and is not in `used_s`; `used_share` is null where nothing is allowed."""

    terms_id: str
    terms_hash: str
    contracts: int
    going_on: int
    reached: Reached
    allowed_s: str
    used_s: int | str
    unknown_s: int | str
    used_share: str | None
    breaks_at: Instant | None
    then: list[SumDocument]
    an_hour_later: list[SumDocument]
    components: list[ComponentDowntimeDocument]
    """Those that were down, the longest first."""


class ContractForecastDocument(Document):
    """`breaks_at`: the end of the first second that breaks the guarantee if the outage under way
    goes on. `then` is what is due in that second, or now where it is broken; `an_hour_later` where
    an outage goes on."""

    contract_id: str
    client_id: str
    service_id: str
    product: str
    terms_id: str
    allowed_s: str
    used_s: int | str
    unknown_s: int | str
    used_share: str | None
    is_broken: bool
    is_going_on: bool
    breaks_at: Instant | None
    then: CostDocument | None
    an_hour_later: CostDocument | None


class ForecastDocument(Document):
    """As of `at`, up to some minutes ago. What has not come yet is taken to work. `touched` counts
    the contracts of which anything is used; `then` adds up what is due once each of them is broken,
    a sum a currency."""

    at: Instant
    month: str
    contracts: int
    going_on: int
    touched: int
    reached: Reached
    breaks_at: Instant | None
    then: list[SumDocument]
    an_hour_later: list[SumDocument]
    terms: list[TermsForecastDocument]
    worst: list[ContractForecastDocument]


def show(call: Call) -> Answer:
    """Which customers they are is for who may see every service."""
    require_every_service(call.actor)
    computed = call.backend.forecasts.present(call.backend)
    if computed.done():
        return _answer(call, computed.result())

    async def answer() -> Answer:
        return await asyncio.to_thread(_answer, call, await beside(computed))

    return Answer(later=answer)


def _answer(call: Call, found: Forecast) -> Answer:
    shown = listed(found, call.asked(ForecastQuery).limit)
    with call.backend.reading.transaction() as tx:
        contracts = read_listed(tx, shown)
    fields = forecast_fields(found, call.zone, shown, contracts)
    return Answer(document=ForecastDocument(**fields))


OPERATIONS = (
    Operation(
        method="GET", path="/forecast", name="show_forecast", scope=Scope.BILLING_READ,
        summary="What the month under way will come to: allowances used up, and what is due.",
        query=ForecastQuery, answer=ForecastDocument, handle=show,
    ),
)  # fmt: skip
