"""What each screen says, and what it does."""

from __future__ import annotations

from monitor.domain.accounts.permissions import AccountRole
from tests.console.visitor import Visitor

OPERATOR, ADMIN, VIEWER = AccountRole.OPERATOR, AccountRole.ADMIN, AccountRole.VIEWER


async def test_every_page_opens(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    incident = visitor.service.fall("web")
    visitor.service.publish_log()
    for path in (
        "/", "/incidents", f"/incidents/{incident}", "/checks", "/checks/web-check",
        "/components/web", "/maintenance", "/audit", "/accounts",
    ):  # fmt: skip
        for lang in ("es", "en"):
            seen = await visitor.get(path, Accept_Language=lang)
            assert seen.status == 200, (path, seen.words)
            assert f'<html lang="{lang}">' in seen.text


async def test_an_incident_by_hand_has_its_page_and_those_it_goes_with(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    service = visitor.service
    key, web = service.key_of(OPERATOR), service.fall("web")
    body = {"title": {"es": "Correo: demoras"}, "text": {"es": "Demora."}}
    told = (
        await service.ask(
            "POST", "/incidents", key=key, body={**body, "components": {"mail": "degraded"}}
        )
    ).json["id"]
    await service.ask("POST", f"/incidents/{told}/links", key=key, body={"incident": web})
    seen = await visitor.get(f"/incidents/{told}", Accept_Language="es")
    assert seen.status == 200
    assert "Informado por una persona" in seen.words
    assert f'href="/incidents/{web}"' in seen.text
    await service.ask(
        "POST", f"/incidents/{told}/merger", key=key, body={"into": web, "text": body["text"]}
    )
    merged = await visitor.get(f"/incidents/{told}", Accept_Language="es")
    assert "Unido a otro" in merged.words
    alone = await service.ask("POST", "/incidents", key=key, body=body)
    for path in (f"/incidents/{alone.json['id']}", "/incidents", "/"):
        assert (await visitor.get(path)).status == 200
