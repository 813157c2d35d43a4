"""Incidents by hand over HTTP: opened, reopened, merged, split, linked; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Via
from tests.api.service import Answered, Service

TEXT = {"es": "Los envíos demoran.", "en": "Mail is slow."}
MAIL: dict[str, Any] = {
    "title": {"es": "Correo: demoras"}, "text": TEXT, "components": {"mail": "degraded"},
}  # fmt: skip


@pytest.fixture
def key(made: Service) -> str:
    return made.key_of(AccountRole.OPERATOR)


async def opened(made: Service, key: str, **other: Any) -> Answered:
    return await made.ask("POST", "/incidents", key=key, body={**MAIL, **other})


async def test_one_is_opened_and_read(made: Service, key: str) -> None:
    told = await opened(made, key, started_at="2020-01-01T00:00:00Z")
    assert (told.status, told.code) == (422, "incident.too_early")
    told = await opened(made, key)
    assert told.status == 201, told.text
    found = await made.ask("GET", f"/incidents/{told.json['id']}", key=key)
    assert found.json == told.json
    assert found.headers["ETag"] == told.headers["ETag"]
    assert (told.json["origin"], told.json["parts"], told.json["components"]) == (
        "person", [], ["mail"],
    )  # fmt: skip
    (said,) = told.json["statements"]
    assert (said["component"], said["status"], said["end"]) == ("mail", "degraded", None)
    done = made.changes()[-1]
    assert (done.kind, done.actor, done.via) == ("incident.opened", "operator", Via.API)


@pytest.mark.parametrize(
    "field",
    ["origin", "created_at", "id", "revision", "updates", "parts", "statements", "affected",
     "actor", "merged_into", "related", "impact", "resolved_at"],
)  # fmt: skip
async def test_what_is_not_for_a_client_to_say_is_refused(
    made: Service, key: str, field: str
) -> None:
    answer = await opened(made, key, **{field: "machine"})
    assert (answer.status, answer.code) == (422, "request.invalid")
    assert answer.json["errors"][0]["pointer"] == f"#/{field}"
    open_ones = await made.ask("GET", "/incidents?open=true", key=key)
    assert open_ones.json["incidents"] == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"components": {"mail": "operational"}}, "#/components/mail"),
        ({"components": {"<script>": "down"}}, "#/components"),
        ({"components": ["mail"]}, "#/components"),
        ({"started_at": "2026-12-01 02:00"}, "#/started_at"),
        ({"started_at": 5}, "#/started_at"),
        ({"phase": "over"}, "#/phase"),
        ({"title": "Correo"}, "#/title"),
    ],
)
async def test_fields_that_are_not_as_wanted_are_named(
    made: Service, key: str, body: dict[str, Any], pointer: str
) -> None:
    answer = await opened(made, key, **body)
    assert (answer.status, answer.code) == (422, "request.invalid"), answer.text
    assert answer.json["errors"][0]["pointer"].startswith(pointer)


async def test_a_component_that_there_is_not_is_not_found(made: Service, key: str) -> None:
    answer = await opened(made, key, components={"mial": "down"})
    assert (answer.status, answer.code) == (404, "name.unknown")
    assert answer.json["fields"]["near"] == "mail"


async def test_control_characters_are_not_stored(made: Service, key: str) -> None:
    odd = {"es": "Correo\u0000\u001b[31m\u202e: <b>demoras</b>"}
    told = await opened(made, key, title=odd, text=odd)
    assert told.status == 201, told.text
    assert told.json["title"] == {"es": "Correo[31m: <b>demoras</b>"}
    assert told.json["updates"][0]["text"] == told.json["title"]


async def test_the_same_key_opens_one(made: Service, key: str) -> None:
    first = await made.ask("POST", "/incidents", key=key, body=MAIL, Idempotency_Key="one")
    again = await made.ask("POST", "/incidents", key=key, body=MAIL, Idempotency_Key="one")
    assert (first.status, again.json) == (201, first.json)
    body = {**MAIL, "text": {"es": "x"}}
    other = await made.ask("POST", "/incidents", key=key, body=body, Idempotency_Key="one")
    assert (other.status, other.code) == (422, "idempotency.reused")
    listed = await made.ask("GET", "/incidents?open=true", key=key)
    assert [i["id"] for i in listed.json["incidents"]] == [first.json["id"]]


async def test_it_is_resolved_and_opened_again(made: Service, key: str) -> None:
    path = f"/incidents/{(await opened(made, key)).json['id']}"
    body = {"text": {"es": "Volvió."}}
    early = await made.ask("POST", f"{path}/reopening", key=key, body=body)
    assert (early.status, early.code) == (409, "incident.open")
    done = await made.ask("POST", f"{path}/resolution", key=key, body={"text": {"es": "Ya está."}})
    assert done.json["phase"] == "resolved"
    seen = done.headers["ETag"]
    again = await made.ask("POST", f"{path}/reopening", key=key, body=body, If_Match=seen)
    assert (again.status, again.json["phase"]) == (201, "investigating")
    late = await made.ask("POST", f"{path}/reopening", key=key, body=body, If_Match=seen)
    assert (late.status, late.code) == (412, "revision.stale")
    assert late.json["current"] == again.json


async def test_an_update_says_anew_how_a_component_fares(made: Service, key: str) -> None:
    path = f"/incidents/{(await opened(made, key)).json['id']}/updates"
    told = await made.ask("POST", path, key=key, body={"text": TEXT, "components": {"mail": "up"}})
    assert told.status == 201, told.text
    assert told.json["statements"][0]["end"] is not None


async def test_one_is_merged_into_another_and_split_off_again(made: Service, key: str) -> None:
    web = made.fall("web")
    mail = (await opened(made, key)).json["id"]
    merged = await made.ask(
        "POST", f"/incidents/{mail}/merger", key=key, body={"into": web, "text": TEXT}
    )
    assert (merged.status, merged.json["id"]) == (201, web), merged.text
    assert sorted(merged.json["components"]) == ["mail", "web"]
    left = (await made.ask("GET", f"/incidents/{mail}", key=key)).json
    assert (left["phase"], left["merged_into"]) == ("resolved", web)
    late = await made.ask("POST", f"/incidents/{mail}/updates", key=key, body={"text": TEXT})
    assert (late.status, late.code, late.json["fields"]["into"]) == (409, "incident.merged", web)
    split = await made.ask(
        "POST", f"/incidents/{web}/split", key=key,
        body={"components": ["mail"], "title": {"es": "Correo"}, "text": TEXT},
    )  # fmt: skip
    assert (split.status, split.json["related"]) == (201, [web]), split.text
    whole = await made.ask(
        "POST", f"/incidents/{web}/split", key=key,
        body={"components": ["web"], "title": {"es": "Web"}, "text": TEXT},
    )  # fmt: skip
    assert (whole.status, whole.code) == (422, "incident.split_whole")


async def test_two_are_linked_and_not_any_more(made: Service, key: str) -> None:
    web, mail = made.fall("web"), (await opened(made, key)).json["id"]
    path = f"/incidents/{web}/links"
    linked = await made.ask("POST", path, key=key, body={"incident": mail})
    assert (linked.status, linked.json["related"]) == (201, [mail])
    again = await made.ask("POST", path, key=key, body={"incident": mail})
    assert (again.status, again.code) == (409, "incident.linked")
    itself = await made.ask("POST", path, key=key, body={"incident": web})
    assert (itself.status, itself.code) == (422, "incident.itself")
    gone = await made.ask("DELETE", f"{path}/{mail}", key=key)
    assert (gone.status, gone.json["related"]) == (200, [])
    never = await made.ask("DELETE", f"{path}/{mail}", key=key)
    assert (never.status, never.code) == (404, "incident.not_linked")


async def test_an_account_bounded_to_services_reaches_no_other(made: Service, key: str) -> None:
    bound = made.key_of(AccountRole.OPERATOR, services=("mail",))
    web = made.fall("web")
    own = (await opened(made, bound)).json["id"]
    text = {"text": TEXT}
    for method, path, body in (
        ("POST", f"/incidents/{own}/merger", {"into": web, **text}),
        ("POST", f"/incidents/{web}/merger", {"into": own, **text}),
        ("POST", f"/incidents/{own}/links", {"incident": web}),
        ("POST", f"/incidents/{web}/links", {"incident": own}),
        ("DELETE", f"/incidents/{own}/links/{web}", None),
        ("POST", f"/incidents/{web}/reopening", text),
        ("POST", f"/incidents/{web}/split", {"components": ["web"], "title": TEXT, **text}),
    ):
        answer = await made.ask(method, path, key=bound, body=body)
        assert (answer.status, answer.code) == (404, "name.unknown"), path
        assert web not in answer.json["fields"]["known"], "nor is it named"
    for components in ({"web": "down"}, {"mail": "down", "web": "down"}, {"dns": "up"}):
        answer = await opened(made, bound, components=components)
        assert (answer.status, answer.code) == (404, "name.unknown")
    answer = await opened(made, bound, components={})
    assert (answer.status, answer.code) == (403, "scope.every_service")
    update = await made.ask(
        "POST", f"/incidents/{own}/updates", key=bound, body={**text, "components": {"web": "down"}}
    )
    assert (update.status, update.code) == (404, "name.unknown")


async def test_a_bounded_account_does_not_learn_which_components_others_have(
    made: Service,
) -> None:
    bound = made.key_of(AccountRole.OPERATOR, services=("mail",))
    own = (await opened(made, bound)).json["id"]
    for path, other in (("/incidents", MAIL), (f"/incidents/{own}/updates", {"text": TEXT})):
        of_others, of_nobody = [
            await made.ask("POST", path, key=bound, body={**other, "components": {name: "down"}})
            for name in ("web", "wec")
        ]
        assert of_others.text.replace("web", "wec") == of_nobody.text
        assert of_others.json["fields"]["known"] == ["mail"]


async def test_the_state_says_in_which_incidents_a_component_is(made: Service, key: str) -> None:
    told = (await opened(made, key)).json["id"]
    state = (await made.ask("GET", "/state", key=key)).json
    found = {c["id"]: c for c in state["components"]}
    assert (found["mail"]["incidents"], found["web"]["incidents"]) == ([told], [])
