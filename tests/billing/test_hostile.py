"""Whatever WHMCS answers, it is an answer, a refusal or none: never an error of ours, and never a
proof of what it does not say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credits.billing.ports import PanelSilent, Payment, Standing
from credits.life.credit import CreditId
from credits.money import Money
from monitor.billing.whmcs.answers import read_answer
from monitor.billing.whmcs.client import WhmcsClient
from monitor.billing.whmcs.panel import WhmcsPanel
from monitor.billing.whmcs.services import WhmcsServices

PAY = Payment(
    credit=CreditId("BON-1"), client_id="77", service_id="501", invoices=("9001",),
    amount=Money(Decimal("6.86"), "USD"), description="[BON-1]",
)  # fmt: skip
NAMES = st.sampled_from(
    ["result", "client", "credits", "credit", "products", "product", "clientid", "totalresults",
     "id", "amount", "description", "status", "currency_code", "userid", "invoiceid", "newbalance",
     "message", "0", "credits[credit][0][id]", "credits[credit]", "client[id]", "a[b][c][d][e]"]
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["success", "error", "77", "501", "9001", "1", "Paid", "Active", "USD",
                       "[BON-1]", "6.86", "1,234.50", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=20,
)  # fmt: skip
ANSWERS = st.dictionaries(NAMES, VALUES, max_size=8).map(
    lambda found: {"result": "success"} | found
)


class Answering:
    """Stands for a client whose panel answers always the same."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def read(self, action: str, **fields: str) -> Mapping[str, Any]:
        return read_answer(self._body)

    call = read


def panel(answer: object) -> WhmcsPanel:
    client = cast("WhmcsClient", Answering(json.dumps(answer).encode()))
    return WhmcsPanel(client, is_rehearsal=False)


@settings(max_examples=300, deadline=None)
@given(answer=ANSWERS | VALUES)
@example({"result": "success", "credits[credit][0][id]": "1", "credits": ""})
@example({"result": "success", "totalresults": 10**30, "clientid": "77"})
async def test_no_answer_is_an_error_of_ours(answer: Any) -> None:
    asked = panel(answer)
    with suppress(PanelSilent):
        assert isinstance(await asked.standing(PAY), Standing)
    with suppress(PanelSilent):
        assert isinstance(await asked.find(PAY), list)
    with suppress(PanelSilent):
        assert isinstance(await asked.apply(PAY), str)
    client = cast("WhmcsClient", Answering(json.dumps(answer).encode()))
    try:
        page = await WhmcsServices(client).page(0)
    except PanelSilent:
        return
    assert page.total >= len(page.services)


@settings(max_examples=300, deadline=None)
@given(answer=ANSWERS)
async def test_what_does_not_say_whose_log_it_is_and_how_long_proves_nothing(answer: Any) -> None:
    answer = {k: v for k, v in answer.items() if k.partition("[")[0] != "totalresults"}
    with pytest.raises(PanelSilent):
        await panel(answer).find(PAY)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=200))
async def test_no_bytes_are_an_error_of_ours(body: bytes) -> None:
    client = cast("WhmcsClient", Answering(body))
    with pytest.raises(PanelSilent):
        await WhmcsPanel(client, is_rehearsal=False).find(PAY)
    with pytest.raises(PanelSilent):
        await WhmcsServices(client).page(0)
