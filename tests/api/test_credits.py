"""Credits over HTTP: found, asked for by ticket, approved by somebody else, and never twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from credits.life.credit import CreditId, begin
from credits.life.ledger import first_fault
from credits.life.states import CreditState
from monitor.domain.accounts.permissions import AccountRole, Scope
from tests.api.service import Answered, Service
from tests.credits.handling.counter import owed
from tests.credits.life.builders import by

BON = "BON-2026-10-1"
PATH = f"/credits/{BON}"
ASKED = {"ticket": "ABC-1", "client": "77"}
OTHERS = tuple(f"BON-2026-10-{n}" for n in range(2, 6))


@pytest.fixture
def key(made: Service) -> str:
    """Of billing, in a journal with some credits."""
    with made.world.journal.transaction() as tx:
        credits = [owed(), *(owed(n, client="78", contract=f"C-{n}") for n in OTHERS)]
        tx.credits.begin([begin(one, CreditState.ELIGIBLE, by("estado")) for one in credits])
    return made.key_of(AccountRole.BILLING)


@pytest.fixture
def approver(made: Service) -> str:
    return made.key_of(AccountRole.APPROVER)


async def reviewed(made: Service, key: str) -> None:
    asked = await made.ask("POST", f"{PATH}/request", key=key, body=ASKED)
    assert asked.status == 201, asked.text
    taken = await made.ask("POST", f"{PATH}/review", key=key, body={})
    assert taken.status == 201, taken.text


async def approved(made: Service, key: str, *, seen: str = "*", once: str = "once") -> Answered:
    return await made.ask(
        "POST", f"{PATH}/approval", key=key, body={}, If_Match=seen, Idempotency_Key=once
    )


def state(made: Service) -> str:
    with made.world.journal.transaction() as tx:
        return str(tx.credits.get(CreditId(BON)).state)


def moved(made: Service) -> int:
    """How many postings there are of the credit; the ledger says what its steps say."""
    with made.world.journal.transaction() as tx:
        record = tx.credits.get(CreditId(BON))
        postings = {p.id: p for p in tx.credits.postings([record.id])}
        assert first_fault([record], postings) is None
        return len(postings)


async def test_it_is_asked_for_reviewed_and_approved(
    made: Service, key: str, approver: str
) -> None:
    await reviewed(made, key)
    shown = await made.ask("GET", PATH, key=approver)
    assert (shown.json["state"], shown.json["tickets"]) == ("under_review", ["ABC-1"])
    assert shown.json["barred"] == [{"account": "billing", "why": ["asked"]}]
    done = await approved(made, approver, seen=shown.headers["ETag"])
    assert (done.status, done.json["state"], done.headers["ETag"]) == (201, "approved", '"4"')
    assert [s["actor"] for s in done.json["steps"]] == ["estado", "billing", "billing", "approver"]
    assert [e["account"] for e in done.json["steps"][-1]["moved"]] == ["owed", "approved"]
    assert done.json == (await made.ask("GET", PATH, key=key)).json
    rows = [(c.kind, c.actor, c.after["state"]) for c in made.changes() if c.subject == BON]
    assert rows == [
        ("credit.requested", "billing", "requested"),
        ("credit.under_review", "billing", "under_review"),
        ("credit.approved", "approver", "approved"),
    ]


async def test_it_is_rejected_by_a_clause(made: Service, key: str, approver: str) -> None:
    await reviewed(made, key)
    body = {"reason": "Sobrecarga del cliente", "clause": "13b"}
    done = await made.ask("POST", f"{PATH}/rejection", key=approver, body=body)
    assert (done.status, done.json["state"]) == (201, "rejected")
    assert (done.json["steps"][-1]["reason"], done.json["steps"][-1]["clause"]) == (
        "Sobrecarga del cliente", "13b",
    )  # fmt: skip


async def test_no_money_by_a_wrong_scope(made: Service, key: str, approver: str) -> None:
    await reviewed(made, key)
    made.add("chief", AccountRole.ADMIN)
    for name in ("approval", "rejection"):
        body = {} if name == "approval" else {"reason": "r", "clause": "1"}
        weak = made.token("chief", *(set(Scope) - {Scope.CREDITS_APPROVE}))
        for without in (key, weak):
            answer = await made.ask("POST", f"{PATH}/{name}", key=without, body=body)
            assert (answer.status, answer.code) == (403, "scope.missing")
    chosen = {"credits": [{"credit_id": BON}]}
    answer = await made.ask("POST", "/credits/approvals", key=key, body=chosen)
    assert (answer.status, answer.code) == (403, "scope.missing")
    bounded = made.key_of(AccountRole.ADMIN, services=("mail",))
    assert (await approved(made, bounded)).code == "scope.every_service"
    assert (await made.ask("GET", PATH, key=bounded)).code == "scope.every_service"
    assert state(made) == "under_review"


async def test_no_money_by_a_request_that_is_replayed(
    made: Service, key: str, approver: str
) -> None:
    sent = [
        await made.ask("POST", f"{PATH}/request", key=key, body=ASKED, Idempotency_Key=once)
        for once in ("a1", "a1", "a2")
    ]
    assert [answer.json["revision"] for answer in sent] == [2, 2, 2]
    await made.ask("POST", f"{PATH}/review", key=key, body={})
    first = await approved(made, approver, once="b1")
    again = await approved(made, approver, once="b1")
    late = await approved(made, approver, once="b2")
    assert first.json == again.json
    assert (late.status, late.code) == (409, "credit.no_arrow")
    assert (state(made), moved(made)) == ("approved", 4)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ticket": "ABC-1", "client": "78"}, "credit.of_other_client"),
        ({"ticket": "ABC-2", "client": "77"}, "credit.ticket_of_other"),
        ({"ticket": "no such", "client": "77"}, "credit.ticket_code"),
    ],
)
async def test_no_money_by_a_foreign_ticket(
    made: Service, key: str, body: dict[str, Any], code: str
) -> None:
    theirs = {"ticket": "ABC-2", "client": "78"}
    other = await made.ask("POST", f"/credits/{OTHERS[0]}/request", key=key, body=theirs)
    assert other.status == 201
    answer = await made.ask("POST", f"{PATH}/request", key=key, body=body)
    assert (answer.status, answer.code) == (422, code)
    assert state(made) == "eligible"


async def test_no_money_by_one_person_alone(made: Service, key: str) -> None:
    made.add("chief", AccountRole.ADMIN)
    one, two = (made.token("chief", *Scope) for _ in range(2))
    await reviewed(made, one)
    for alone in (one, two, made.begun("chief")):
        answer = await approved(made, alone)
        assert (answer.status, answer.code) == (403, "credit.two_people")
        chosen = {"credits": [{"credit_id": BON}]}
        many = await made.ask("POST", "/credits/approvals", key=alone, body=chosen)
        assert [c["code"] for c in many.json["credits"]] == ["credit.two_people"]
        assert "asked for" in many.json["credits"][0]["detail"]
    assert state(made) == "under_review"


async def test_of_two_who_approve_at_once_one_does(made: Service, key: str, approver: str) -> None:
    await reviewed(made, key)
    chief = made.key_of(AccountRole.ADMIN)
    found = await asyncio.gather(*(approved(made, who) for who in (approver, chief)))
    assert sorted(answer.status for answer in found) == [201, 409]
    assert moved(made) == 4


async def test_what_has_changed_since_is_shown_and_not_approved(
    made: Service, key: str, approver: str
) -> None:
    await reviewed(made, key)
    body = {**ASKED, "ticket": "ABC-7"}
    assert (await made.ask("POST", f"{PATH}/request", key=key, body=body)).status == 201
    late = await approved(made, approver, seen='"3"')
    assert (late.status, late.code) == (412, "revision.stale")
    assert late.json["current"]["tickets"] == ["ABC-1", "ABC-7"]


async def test_many_are_taken_up_and_approved_each_by_itself(
    made: Service, key: str, approver: str
) -> None:
    for name in OTHERS[:2]:
        theirs = {"ticket": "ABC-9", "client": "78"}
        await made.ask("POST", f"/credits/{name}/request", key=key, body=theirs)
    chosen = {"credits": [{"credit_id": name} for name in OTHERS[:3]]}
    taken = await made.ask("POST", "/credits/reviews", key=key, body=chosen, Idempotency_Key="r")
    assert (taken.status, taken.json["done"]) == (200, 2)
    body: dict[str, Any] = {**chosen, "reason": "La noche del 12"}
    done = await made.ask("POST", "/credits/approvals", key=approver, body=body)
    assert done.json["done"] == 2
    assert [(c["credit_id"], c["state"], c["code"]) for c in done.json["credits"]] == [
        (OTHERS[0], "approved", None), (OTHERS[1], "approved", None),
        (OTHERS[2], None, "credit.no_arrow"),
    ]  # fmt: skip


async def test_they_are_listed_behind_a_cursor(made: Service, key: str) -> None:
    first = (await made.ask("GET", "/credits?client=78&limit=3", key=key)).json
    assert [c["credit_id"] for c in first["credits"]] == list(OTHERS[:0:-1])
    rest = f"/credits?client=78&limit=3&before={first['next_before']}"
    last = (await made.ask("GET", rest, key=key)).json
    assert ([c["credit_id"] for c in last["credits"]], last["next_before"]) == ([OTHERS[0]], None)
    none = (await made.ask("GET", "/credits?state=applied&month=2026-10", key=key)).json
    assert none == {"credits": [], "next_before": None}
    assert (await made.ask("GET", "/credits?state=nothing", key=key)).status == 422
    assert (await made.ask("GET", "/credits/BON-none", key=key)).status == 404


async def test_no_event_tells_of_credits(made: Service, key: str, approver: str) -> None:
    """Thousands in one night would push out of the feed what wakes an operator."""
    start = (await made.ask("GET", "/events", key=key)).json["next_after"]
    await reviewed(made, key)
    await approved(made, approver)
    assert (await made.ask("GET", f"/events?after={start}", key=key)).json["events"] == []


async def test_its_story_is_told_in_both_languages(made: Service, key: str) -> None:
    await reviewed(made, key)
    told = await made.ask("GET", f"{PATH}/explanation?lang=es", key=key)
    assert (told.status, told.json["lang"]) == (200, "es")
    chapters = {
        one["title"]: [line["text"] for line in one["lines"]] for one in told.json["chapters"]
    }
    assert next(iter(chapters)) == f"Bonificación {BON}"
    assert "Ticket ABC-1." in chapters["Pasos"]
    english = await made.ask("GET", f"{PATH}/explanation?lang=en", key=key)
    assert english.json["chapters"][0]["title"] == f"Credit {BON}"
    assert (await made.ask("GET", f"{PATH}/explanation?lang=fr", key=key)).status == 422


async def test_what_was_closed_without_evidence_has_no_bundle(made: Service, key: str) -> None:
    refused = await made.ask("GET", f"{PATH}/bundle", key=key)
    assert refused.json["code"] == "credit.no_evidence"
    assert (await made.ask("GET", "/credits/BON-9/bundle", key=key)).status == 404


@pytest.mark.parametrize("what", ["explanation", "bundle"])
async def test_who_may_not_read_credits_reads_no_evidence(made: Service, what: str) -> None:
    viewer = made.key_of(AccountRole.VIEWER)
    assert (await made.ask("GET", f"{PATH}/{what}", key=viewer)).status == 403
