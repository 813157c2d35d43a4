"""A client's statement by a link: sealed, bounded, revocable, and nothing of anybody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.api.service import Answered, Service

MONTH = "2026-08"
CANARY = "SECRETO-4711"


def row(client: str, amount: str, **others: Any) -> dict[str, Any]:
    return {
        "client_id": client, "type": "credit", "credit_id": f"BON-{client}", "amount": amount,
        "currency": "USD", "contract_id": f"C-{client}", "service_id": f"S-{client}",
        "evidence_hash": f"hash-{client}", "state": "eligible",
        # What a client has no business with.
        "approver": CANARY, "ticket_code": CANARY, "external_ref": CANARY, "terms_id": CANARY,
        "incident_ids": [CANARY], "unwatched": [{"component": CANARY}],
        "exclusions": [{"reference": CANARY, "proposed_by": CANARY, "approved_by": CANARY}],
        **others,
    }  # fmt: skip


def outage(component: str) -> dict[str, Any]:
    times = {"start": "2026-08-03T03:00:00Z", "end": "2026-08-03T04:00:00Z"}
    local = {"start_local": "2026-08-03T00:00:00-03:00", "end_local": "2026-08-03T01:00:00-03:00"}
    return {
        "component": component, **times, **local, "counted_down_s": 3600, "counted_excluded_s": 0,
        "cause": CANARY, "incident_ids": [CANARY], "last_success_before": CANARY,
    }  # fmt: skip


def evidence(component: str) -> dict[str, Any]:
    excluded = {"proposed_by": CANARY, "approved_by": CANARY, "evidence": {"text": CANARY}}
    return {
        "outages": [outage(component)], "exclusions": [excluded], "terms": {"policy": CANARY},
        "maintenance": [{"id": CANARY}], "components": [component],
    }  # fmt: skip


BODY = {
    "period": MONTH, "zone": "UTC", "default_terms": {"id": CANARY}, "assessed": {},
    "window": {"start": "2026-08-01T03:00:00Z", "end": "2026-09-01T03:00:00Z"},
    "components": [
        {"id": "web-1", "name": "Servidor web 1", "outages": []},
        {"id": "db-secret", "name": "Radio", "outages": [outage("db-secret")]},
    ],
    "credits": [row("77", "1.66"), row("77", "2.00"), row("78", "9.99")],
    "totals": [{"currency": "USD", "total": "13.65"}],
    "evidence": {"hash-77": evidence("web-1"), "hash-78": evidence("db-secret")},
}  # fmt: skip


@pytest.fixture
def key(made: Service) -> str:
    """Of billing, where a month was issued."""
    text = json.dumps(BODY, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with made.world.journal.transaction() as tx:
        tx.reports.keep(MONTH, hash="h1", body=text, at=Second(1_790_000_000))
    return made.key_of(AccountRole.BILLING)


async def link(made: Service, key: str, client: str = "77", days: int = 14) -> Answered:
    body = {"month": MONTH, "revision": 1, "client": client, "days": days}
    return await made.ask("POST", "/statements", key=key, body=body)


async def read(made: Service, linked: Answered) -> Answered:
    """As somebody without any account."""
    return await made.ask("GET", linked.json["path"].removeprefix("/api/v1"))


async def test_whoever_holds_the_link_reads_that_clients_part(made: Service, key: str) -> None:
    linked = await link(made, key)
    assert linked.status == 201, linked.text
    found = await read(made, linked)
    assert found.status == 200, found.text
    assert [one["amount"] for one in found.json["credits"]] == ["1.66", "2.00"]
    assert found.json["totals"] == [{"currency": "USD", "total": "3.66"}]
    assert found.json["credits"][0]["outages"][0]["component"] == "Servidor web 1"
    assert found.json["content_hash"] == "h1"


async def test_it_says_nothing_of_another_client_nor_of_who_decided(
    made: Service, key: str
) -> None:
    """A canary stands in every private field: the bytes are searched."""
    told = (await read(made, await link(made, key))).text
    assert "BON-77" in told
    for private in (CANARY, "78", "9.99", "13.65", "db-secret", "web-1", "Radio"):
        assert private not in told


async def test_it_opens_nothing_once_its_days_are_over(made: Service, key: str) -> None:
    linked = await link(made, key, days=2)
    made.world.clock.advance(2 * 86_400 - 1)
    assert (await read(made, linked)).status == 200
    made.world.clock.advance(1)
    gone = await read(made, linked)
    assert (gone.status, gone.json["code"]) == (404, "statement.gone")


async def test_it_opens_nothing_once_it_is_revoked(made: Service, key: str) -> None:
    linked, other = await link(made, key), await link(made, key, client="78")
    for _ in range(2):
        revoked = await made.ask("DELETE", f"/statements/{linked.json['id']}", key=key)
        assert revoked.status == 204
    assert (await read(made, linked)).status == 404
    assert (await read(made, other)).status == 200
    listed = (await made.ask("GET", "/statements", key=key)).json["links"]
    assert [one["id"] for one in listed] == [other.json["id"]]


@pytest.mark.parametrize("change", ["drop", "swap", "other"])
async def test_nobody_makes_another_link_out_of_one(made: Service, key: str, change: str) -> None:
    linked = await link(made, key)
    path = linked.json["path"].removeprefix("/api/v1")
    swapped = path[:-6] + ("A" if path[-6] != "A" else "B") + path[-5:]
    wrong = {"drop": path[:-4], "swap": swapped, "other": f"/statement/{linked.json['id']}"}
    found = await made.ask("GET", wrong[change])
    assert (found.status, found.json["code"]) == (404, "statement.gone")


async def test_a_later_revision_does_not_change_what_a_link_opens(made: Service, key: str) -> None:
    linked = await link(made, key)
    before = (await read(made, linked)).text
    text = json.dumps({**BODY, "credits": [row("77", "0.01")]})
    with made.world.journal.transaction() as tx:
        tx.reports.keep(MONTH, hash="h2", body=text, at=Second(1_790_000_100))
    assert (await read(made, linked)).text == before


async def test_each_link_stands_in_the_audit_log_with_its_bounds(made: Service, key: str) -> None:
    linked = await link(made, key, days=3)
    await made.ask("DELETE", f"/statements/{linked.json['id']}", key=key)
    found = [c for c in made.changes() if c.subject == linked.json["id"]]
    assert [(c.kind, c.actor) for c in found] == [
        ("statement.linked", "billing"), ("statement.revoked", "billing"),
    ]  # fmt: skip
    assert found[0].after["client"] == "77"
    assert linked.json["path"].rpartition("/")[2] not in str(found)


async def test_only_billing_makes_lists_and_revokes_them(made: Service, key: str) -> None:
    linked = await link(made, key)
    strangers = (
        made.key_of(AccountRole.OPERATOR),
        made.key_of(AccountRole.BILLING, services=("hosting",)),
    )
    for stranger in strangers:
        assert (await link(made, stranger)).status == 403
        assert (await made.ask("GET", "/statements", key=stranger)).status == 403
        path = f"/statements/{linked.json['id']}"
        assert (await made.ask("DELETE", path, key=stranger)).status == 403


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"client": "79"}, 404, "statement.no_client"),
        ({"month": "2026-07"}, 404, "report.not_issued"),
        ({"revision": 2}, 404, "report.not_issued"),
        ({"days": 0}, 422, "request.invalid"),
        ({"days": 61}, 422, "request.invalid"),
    ],
)
async def test_a_link_to_nothing_is_refused(
    made: Service, key: str, body: dict[str, Any], status: int, code: str
) -> None:
    whole = {"month": MONTH, "revision": 1, "client": "77", "days": 1, **body}
    found = await made.ask("POST", "/statements", key=key, body=whole)
    assert (found.status, found.json["code"]) == (status, code)


async def test_nothing_is_revoked_that_never_was(made: Service, key: str) -> None:
    found = await made.ask("DELETE", "/statements/nothing", key=key)
    assert (found.status, found.json["code"]) == (404, "statement.unknown")
