"""`GET /forecast`: what the month under way will come to, computed beside the requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import ConfiguredTerms
from tests.api.service import Service, service
from tests.support.worlds import catalogue

HEADER = (
    "contract_id,client_id,service_id,product,terms,active_from,"
    "invoice_id,invoice_line_id,period_start,period_end,net,currency\n"
)
SOLD = replace(catalogue(), terms=(ConfiguredTerms(id="standard", fields={"guarantee": "0.9989"}),))
NONE = {"50": 0, "80": 0, "100": 0}


def row(name: str, net: str = "12.50") -> str:
    return (
        f"{name},77,501,Hosting,standard,2026-01-10,F-{name},L1,2026-09-01,2026-10-01,{net},USD\n"
    )


async def sell(made: Service, rows: str, key: str) -> None:
    answer = await made.ask(
        "POST", "/contracts/import", key=key, data=(HEADER + rows).encode(), Content_Type="text/csv"
    )
    assert answer.status == 200, answer.text


def fail(made: Service, minutes: int) -> None:
    """A web server that works for two minutes, and then for none."""
    story = "++" + "-" * minutes
    made.world.live(web=story, dns="+" * len(story), mail="+" * len(story))


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path, catalogue=SOLD) as opened:
        yield opened


@pytest.fixture
def billing(made: Service) -> str:
    return made.key_of(AccountRole.BILLING)


async def forecast(made: Service, key: str, path: str = "/forecast") -> Any:
    answer = await made.ask("GET", path, key=key)
    assert answer.status == 200, answer.text
    return answer.json


async def test_it_says_what_is_used_when_it_breaks_and_what_that_costs(
    made: Service, billing: str
) -> None:
    await sell(made, row("C-1") + row("C-2") + row("C-3", net="25.00"), billing)
    fail(made, 40)
    found = await forecast(made, billing)
    assert (found["month"], found["contracts"], found["going_on"]) == ("2026-09", 3, 3)
    assert found["reached"] == {"50": 3, "80": 3, "100": 0}
    (terms,) = found["terms"]
    assert (terms["terms_id"], terms["used_s"], terms["allowed_s"]) == ("standard", 2400, "2851.2")
    assert [c["component"] for c in terms["components"]] == ["web"]
    first = found["worst"][0]
    assert (first["contract_id"], first["client_id"], first["is_broken"]) == ("C-1", "77", False)
    assert first["breaks_at"] == found["breaks_at"]
    # Of thirty days for 12.50 dollars 2852 s are 1.3754 cents.
    assert first["then"]["totals"] == [{"currency": "USD", "amount": "0.01"}]
    assert found["then"] == [{"currency": "USD", "amount": "0.05"}]


async def test_who_wants_few_contracts_gets_few_and_all_are_counted(
    made: Service, billing: str
) -> None:
    await sell(made, row("C-1") + row("C-2"), billing)
    fail(made, 10)
    found = await forecast(made, billing, "/forecast?limit=1")
    assert ([one["contract_id"] for one in found["worst"]], found["touched"]) == (["C-1"], 2)
    refused = await made.ask("GET", "/forecast?limit=101", key=billing)
    assert refused.status == 422


async def test_where_nothing_is_sold_there_is_nothing_to_say(made: Service, billing: str) -> None:
    fail(made, 10)
    found = await forecast(made, billing)
    assert (found["contracts"], found["terms"], found["worst"]) == (0, [], [])
    assert (found["reached"], found["breaks_at"]) == (NONE, None)


async def test_a_contract_that_is_imported_meanwhile_is_in_the_next_one(
    made: Service, billing: str
) -> None:
    await sell(made, row("C-1"), billing)
    fail(made, 10)
    assert (await forecast(made, billing))["contracts"] == 1
    await sell(made, row("C-2"), billing)
    # What is kept is of the last minute; after it, of now.
    assert (await forecast(made, billing))["contracts"] == 1
    made.world.clock.advance(400)
    assert (await forecast(made, billing))["contracts"] == 2


async def test_it_is_for_billing_and_for_who_may_see_every_service(made: Service) -> None:
    viewer = await made.ask("GET", "/forecast", key=made.key_of(AccountRole.VIEWER))
    assert viewer.status == 403
    bound = await made.ask(
        "GET", "/forecast", key=made.key_of(AccountRole.BILLING, services=("hosting",))
    )
    assert bound.status == 403
