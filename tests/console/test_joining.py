"""Incidents by hand, merged, split, linked and reopened, by the forms of their pages."""

from __future__ import annotations

from monitor.domain.accounts.permissions import AccountRole
from tests.console.visitor import Visitor

OPERATOR = AccountRole.OPERATOR
TOLD = {"title_es": "Cortes en la zona", "text_es": "El proveedor lo está mirando."}


def _id(location: str) -> str:
    return location.removeprefix("/incidents/").partition("?")[0]


async def test_an_incident_is_told_by_hand_and_a_person_ends_it(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    done = await visitor.post(
        "/new-incident", {**TOLD, "component": ["web"], "outcome": "degraded"}
    )
    page = await visitor.get(done.location)
    assert "Cortes en la zona" in page.words
    (told,) = visitor.service.incidents()
    assert told.affected == ()
    incident = _id(done.location)
    fields = {"text_es": "Ya está.", "action": "resolve", "although_down": "1"}
    assert (await visitor.post(f"/incidents/{incident}", fields)).status == 303
    again = await visitor.post(f"/incidents/{incident}/reopening", {"reopen_text_es": "Sigue."})
    assert again.location == f"/incidents/{incident}?done=reopened"


async def test_a_beginning_in_the_future_is_refused_and_nothing_typed_is_lost(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(OPERATOR)
    seen = await visitor.post("/new-incident", {**TOLD, "began": "2031-01-01T00:00"})
    assert seen.status in (409, 422)
    assert 'role="alert"' in seen.text
    assert "Cortes en la zona" in seen.text
    assert 'value="2031-01-01T00:00"' in seen.text
    assert visitor.service.incidents() == []


async def test_two_are_merged_and_the_first_leads_to_the_second(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    machine = visitor.service.fall("web")
    other = _id((await visitor.post("/new-incident", TOLD)).location)
    fields = {"other": other, "merge_text_es": "Es lo mismo."}
    done = await visitor.post(f"/incidents/{machine}/merger", fields)
    assert done.location == f"/incidents/{other}?done=merged"
    assert other in (await visitor.get(f"/incidents/{machine}")).text
    assert "Unir con el incidente" not in (await visitor.get(f"/incidents/{machine}")).words


async def test_components_are_split_off(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    told = await visitor.post("/new-incident", {**TOLD, "component": ["web", "dns"]})
    fields = {
        "component": ["dns"], "split_title_es": "DNS", "split_text_es": "Es otra cosa.",
    }  # fmt: skip
    done = await visitor.post(f"/incidents/{_id(told.location)}/split", fields)
    assert _id(done.location) != _id(told.location)
    assert len(visitor.service.incidents()) == 2


async def test_two_are_linked_and_an_unknown_one_is_named(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    one = _id((await visitor.post("/new-incident", TOLD)).location)
    two = _id((await visitor.post("/new-incident", TOLD)).location)
    assert (await visitor.post(f"/incidents/{one}/links", {"other": two})).status == 303
    assert two in (await visitor.get(f"/incidents/{one}")).text
    unknown = await visitor.post(f"/incidents/{one}/links", {"other": "zzzzzz"})
    assert unknown.status == 404
    assert "zzzzzz" in unknown.words
