"""Unknown time over HTTP: where it came from, what somebody says it was, and a decision."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.api.service import Service
from tests.support.waiting_credits import keep_waiting

REASON = {"reason": "Consta en el registro"}


@pytest.fixture
def billing(made: Service) -> str:
    return made.key_of(AccountRole.BILLING)


@pytest.fixture
def approver(made: Service) -> str:
    return made.key_of(AccountRole.APPROVER)


@pytest.fixture
def waits(made: Service) -> Service:
    keep_waiting(made.world.journal, end=Second(made.world.clock.now() - 20 * 86_400))
    return made


def asked(**more: Any) -> dict[str, Any]:
    return {
        "assumed": "down",
        "evidence": {
            "text": "El registro de accesos tiene un hueco",
            "files": [{"name": "accesos.log", "sha256": "ab" * 32, "bytes": 12}],
            "links": ["https://ejemplo.example/registro"],
        },
        **more,
    }


async def proposed(made: Service, key: str, **more: Any) -> dict[str, Any]:
    sources = (await made.ask("GET", "/unknown-time", key=key)).json["sources"]
    body = asked(chosen=sources[0]["chosen"], **more)
    answer = await made.ask("POST", "/rulings", key=key, body=body)
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def test_it_is_proposed_weighed_and_approved(
    waits: Service, billing: str, approver: str
) -> None:
    answer = await waits.ask("GET", "/unknown-time", key=billing)
    (source,) = answer.json["sources"]
    assert (source["credits"], source["totals"][0]["if_down"]) == (1, "7.50")
    found = await proposed(waits, billing)
    path = f"/rulings/{found['reference']}"
    seen = await waits.ask("GET", path, key=approver)
    assert (seen.json["status"], seen.json["totals"][0]["before"]) == ("proposed", "0.00")
    assert seen.json["totals"][0]["after"] == "7.50"
    assert (await waits.ask("POST", f"{path}/approval", key=billing, body=REASON)).status == 403
    done = await waits.ask("POST", f"{path}/approval", key=approver, body=REASON)
    assert (done.status, done.json["status"]) == (201, "approved")
    assert done.json["listed"][0]["state"] == "eligible"
    assert (await waits.ask("GET", "/unknown-time", key=billing)).json == {"sources": []}
    listed = await waits.ask("GET", "/rulings?status=approved", key=approver)
    assert [one["reference"] for one in listed.json["rulings"]] == [found["reference"]]


async def test_credits_are_named_one_by_one_and_not_both_ways(waits: Service, billing: str) -> None:
    sources = (await waits.ask("GET", "/unknown-time", key=billing)).json["sources"]
    chosen, names = sources[0]["chosen"], sources[0]["listed"]
    for body in (asked(), asked(chosen=chosen, credits=names)):
        refused = await waits.ask("POST", "/rulings", key=billing, body=body)
        assert (refused.status, refused.code) == (422, "ruling.which_credits")
    half = {**chosen, "end": None, "start": "2026-09-01T00:00:00-03:00"}
    refused = await waits.ask("POST", "/rulings", key=billing, body=asked(chosen=half))
    assert refused.code == "ruling.half_a_span"
    named = await waits.ask("POST", "/rulings", key=billing, body=asked(credits=names))
    assert (named.status, named.json["chosen"]) == (201, None)


async def test_it_is_revised_and_refused_as_it_was_seen(
    waits: Service, billing: str, approver: str
) -> None:
    found = await proposed(waits, billing)
    path = f"/rulings/{found['reference']}"
    sources = (await waits.ask("GET", "/unknown-time", key=billing)).json["sources"]
    body = asked(chosen=sources[0]["chosen"], assumed="closed")
    again = await waits.ask("POST", f"{path}/revisions", key=billing, body=body)
    assert (again.status, again.json["revision"], again.json["assumed"]) == (201, 2, "closed")
    unseen = await waits.ask("POST", f"{path}/refusal", key=approver, body=REASON)
    assert (unseen.status, unseen.code) == (428, "ruling.which_revision")
    done = await waits.ask("POST", f"{path}/refusal", key=approver, body=REASON, If_Match='"2"')
    assert (done.status, done.json["status"]) == (201, "refused")


async def test_who_may_not_read_billing_sees_nothing_of_it(waits: Service) -> None:
    for role in (AccountRole.OPERATOR, AccountRole.VIEWER):
        key = waits.key_of(role)
        for path in ("/unknown-time", "/rulings"):
            assert (await waits.ask("GET", path, key=key)).status == 403
