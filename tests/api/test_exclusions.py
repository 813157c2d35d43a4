"""Exclusions over HTTP: proposed by one account, shown with their effect, decided by another."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from credits.classification.effect import effect_of
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.change import MACHINE
from monitor.domain.exclusions.classification import ExclusionRecord
from tests.api.service import Answered, Service

HOUR = 3_600
COMPUTED = "monitor.api.present.effects.effect_of"
REASON = {"reason": "Consta el aviso"}


@pytest.fixture
def key(made: Service) -> str:
    return made.key_of(AccountRole.OPERATOR)


@pytest.fixture
def approver(made: Service) -> str:
    return made.key_of(AccountRole.APPROVER)


def moment(made: Service, seconds: int) -> str:
    return datetime.fromtimestamp(made.world.clock.now() + seconds, tz=UTC).isoformat()


def night(made: Service, **more: Any) -> dict[str, Any]:
    return {
        "component": "web",
        "start": moment(made, -2 * HOUR),
        "end": moment(made, -HOUR),
        "cause": "external_provider",
        "evidence": {
            "text": "Aviso 4711",
            "files": [{"name": "aviso.pdf", "sha256": "ab" * 32, "bytes": 12}],
            "links": ["https://proveedor.example/4711"],
        },
        **more,
    }


@pytest.fixture
def lived(made: Service) -> Service:
    made.world.live(web="+" * 200, dns="+" * 200, mail="+" * 200)
    return made


async def proposed(made: Service, key: str, **more: Any) -> dict[str, Any]:
    answer = await made.ask("POST", "/exclusions", key=key, body=night(made, **more))
    assert answer.status == 201, answer.text
    found: dict[str, Any] = answer.json
    return found


async def counted(made: Service, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The exclusions whose effects are computed from now on."""
    found: list[str] = []

    def noted(record: ExclusionRecord, *given: Any) -> Any:
        found.append(record.reference)
        return effect_of(record, *given)

    monkeypatch.setattr(COMPUTED, noted)
    return found


async def test_an_effect_is_computed_once_while_nothing_moves(
    lived: Service, key: str, approver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/exclusions/{(await proposed(lived, key))['reference']}/effect"
    found = await counted(lived, monkeypatch)
    first = await lived.ask("GET", path, key=approver)
    lived.key_of(AccountRole.VIEWER)
    assert (await lived.ask("GET", path, key=approver)).json == first.json
    assert len(found) == 1
    # The month goes on, and with it what it says.
    lived.world.clock.advance(61)
    await lived.ask("GET", path, key=approver)
    assert len(found) == 2


async def test_an_effect_outlives_credits_on_their_way_to_the_customer(
    lived: Service, key: str, approver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/exclusions/{(await proposed(lived, key))['reference']}/effect"
    found = await counted(lived, monkeypatch)
    await lived.ask("GET", path, key=approver)
    for kind in ("applying.asked", "credit.applying", "credit.searched", "credit.applied"):
        with lived.world.journal.transaction() as tx:
            tx.changes.append([MACHINE.change(lived.world.clock.now(), kind, "BON-1")])
        await lived.ask("GET", path, key=approver)
    assert len(found) == 1
    with lived.world.journal.transaction() as tx:
        tx.changes.append([MACHINE.change(lived.world.clock.now(), "credit.rejected", "BON-1")])
    await lived.ask("GET", path, key=approver)
    assert len(found) == 2


async def test_an_effect_is_computed_anew_once_something_else_is_left_out(
    lived: Service, key: str, approver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/exclusions/{(await proposed(lived, key))['reference']}/effect"
    span = {"start": moment(lived, -1_800), "end": moment(lived, -600)}
    other = f"/exclusions/{(await proposed(lived, key, **span))['reference']}"
    found = await counted(lived, monkeypatch)
    await lived.ask("GET", path, key=approver)
    done = await lived.ask("POST", f"{other}/approval", key=approver, body=REASON)
    assert done.status == 201, done.text
    for _ in "12":
        await lived.ask("GET", path, key=approver)
        assert len(found) == 2


async def test_a_long_effect_keeps_nobody_waiting_but_who_asks_for_it(
    lived: Service, key: str, approver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/exclusions/{(await proposed(lived, key))['reference']}"
    may_go_on = threading.Event()

    def slowly(*given: Any) -> Any:
        assert may_go_on.wait(30)
        return effect_of(*given)

    monkeypatch.setattr(COMPUTED, slowly)
    asked = [asyncio.create_task(lived.ask("GET", f"{path}/effect", key=approver)) for _ in "123"]
    for _ in range(20):
        assert (await lived.ask("GET", path, key=approver)).status == 200
    assert (await lived.ask("POST", f"{path}/approval", key=approver, body=REASON)).status == 201
    assert not any(task.done() for task in asked)
    asked.pop().cancel()
    may_go_on.set()
    first, second = await asyncio.gather(*asked)
    assert (first.status, first.json) == (200, second.json)


async def test_it_is_proposed_shown_and_approved(lived: Service, key: str, approver: str) -> None:
    asked = await proposed(lived, key)
    path = f"/exclusions/{asked['reference']}"
    assert (asked["status"], asked["proposed_by"], asked["overlaps"]) == (
        "proposed", "operator", [],
    )  # fmt: skip
    assert asked["evidence"]["files"][0]["bytes"] == 12
    shown = await lived.ask("GET", path, key=approver)
    assert shown.json == asked
    effect = (await lived.ask("GET", f"{path}/effect", key=approver)).json
    assert [m["contracts"] for m in effect["months"]] == [0]
    done = await lived.ask(
        "POST", f"{path}/approval", key=approver, body=REASON, If_Match=shown.headers["ETag"]
    )
    assert (done.status, done.json["status"], done.json["decided_by"]) == (
        201, "approved", "approver",
    )  # fmt: skip
    assert done.json["in_force_revision"] == 2
    listed = await lived.ask("GET", "/exclusions?status=approved", key=key)
    assert [e["reference"] for e in listed.json["exclusions"]] == [asked["reference"]]
    assert (await lived.ask("GET", "/exclusions?status=proposed", key=key)).json == {
        "exclusions": []
    }
    kinds = [c.kind for c in lived.changes() if c.subject == asked["reference"]]
    assert kinds == ["exclusion.proposed", "exclusion.approved"]


async def test_it_is_revised_withdrawn_and_refused(lived: Service, key: str, approver: str) -> None:
    path = f"/exclusions/{(await proposed(lived, key))['reference']}"
    body = night(lived, start=None, end=None, evidence={"text": "Mejor"})
    revised = await lived.ask("POST", f"{path}/revisions", key=key, body=body)
    assert (revised.status, revised.json["evidence"]["text"]) == (201, "Mejor")
    assert revised.json["start"] == revised.json["steps"][0]["start"]
    blind = await lived.ask("POST", f"{path}/approval", key=approver, body=REASON)
    assert (blind.status, blind.code) == (428, "exclusion.which_revision")
    await decided(lived, f"{path}/approval", approver)
    asked = await lived.ask("POST", f"{path}/withdrawal", key=key, body=REASON)
    assert (asked.status, asked.json["is_withdrawal"]) == (201, True)
    refused = await decided(lived, f"{path}/refusal", approver)
    assert (refused.json["status"], refused.json["in_force_revision"]) == ("approved", 3)


async def decided(lived: Service, path: str, key: str) -> Answered:
    """About what was read just before."""
    seen = (await lived.ask("GET", path.rpartition("/")[0], key=key)).headers["ETag"]
    return await lived.ask("POST", path, key=key, body=REASON, If_Match=seen)


async def test_two_tokens_of_one_account_are_one_person(lived: Service) -> None:
    lived.add("chief", AccountRole.ADMIN)
    one, two = (lived.token("chief", *Scope) for _ in range(2))
    path = f"/exclusions/{(await proposed(lived, one))['reference']}"
    for key in (one, two, lived.begun("chief")):
        answer = await lived.ask("POST", f"{path}/approval", key=key, body=REASON)
        assert (answer.status, answer.code) == (403, "exclusion.own")


async def test_of_two_who_decide_at_once_one_wins(lived: Service, key: str, approver: str) -> None:
    path = f"/exclusions/{(await proposed(lived, key))['reference']}"
    seen = (await lived.ask("GET", path, key=approver)).headers["ETag"]
    chief = lived.key_of(AccountRole.ADMIN)
    first = await lived.ask("POST", f"{path}/refusal", key=chief, body=REASON, If_Match=seen)
    late = await lived.ask("POST", f"{path}/approval", key=approver, body=REASON, If_Match=seen)
    assert (first.status, late.status, late.code) == (201, 412, "revision.stale")
    assert late.json["current"]["status"] == "refused"


async def test_the_same_request_twice_proposes_once(lived: Service, key: str) -> None:
    body = night(lived)
    sent = [
        await lived.ask("POST", "/exclusions", key=key, body=body, Idempotency_Key="a1")
        for _ in range(2)
    ]
    assert sent[0].json == sent[1].json
    listed = await lived.ask("GET", "/exclusions", key=key)
    assert len(listed.json["exclusions"]) == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"cause": "maintenance"}, 422, "request.invalid"),
        ({"component": "nobody"}, 404, "name.unknown"),
        ({"component": None}, 422, "exclusion.no_component"),
        ({"evidence": {"text": " "}}, 422, "text.empty"),
        ({"evidence": {"text": "x", "links": ["http://a.example"]}}, 422, "exclusion.link"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    lived: Service, key: str, change: dict[str, Any], status: int, code: str
) -> None:
    answer = await lived.ask("POST", "/exclusions", key=key, body=night(lived, **change))
    assert (answer.status, answer.code) == (status, code)


async def test_an_account_that_is_bounded_sees_its_services_alone(lived: Service, key: str) -> None:
    path = f"/exclusions/{(await proposed(lived, key, component='mail'))['reference']}"
    theirs = lived.key_of(AccountRole.OPERATOR, services=("mail",))
    others = lived.key_of(AccountRole.OPERATOR, services=("hosting",))
    assert (await lived.ask("GET", path, key=theirs)).status == 200
    assert (await lived.ask("GET", path, key=others)).status == 404
    assert (await lived.ask("GET", "/exclusions", key=others)).json == {"exclusions": []}
    bounded = lived.key_of(AccountRole.ADMIN, services=("mail",))
    effect = await lived.ask("GET", f"{path}/effect", key=bounded)
    assert (effect.status, effect.code) == (403, "scope.every_service")


async def test_each_step_is_an_event_for_whoever_sees_its_component(
    lived: Service, key: str, approver: str
) -> None:
    others = lived.key_of(AccountRole.VIEWER, services=("mail",))
    start = {
        who: (await lived.ask("GET", "/events", key=who)).json["next_after"]
        for who in (key, others)
    }
    asked = await proposed(lived, key)
    approved = await lived.ask(
        "POST", f"/exclusions/{asked['reference']}/approval", key=approver, body=REASON,
        If_Match=f'"{asked["revision"]}"',
    )  # fmt: skip
    assert approved.status == 201, approved.text
    news = (await lived.ask("GET", f"/events?after={start[key]}", key=key)).json["events"]
    assert [(e["topic"], e["kind"], e["subject"], e["components"]) for e in news] == [
        ("exclusion", "exclusion.proposed", asked["reference"], ["web"]),
        ("exclusion", "exclusion.approved", asked["reference"], ["web"]),
    ]
    assert news[-1]["revision"] == approved.json["revision"]
    unseen = await lived.ask("GET", f"/events?after={start[others]}", key=others)
    assert unseen.json["events"] == []
