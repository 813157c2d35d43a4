"""What each screen says, and what it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.api.service import service
from tests.api.test_configuration import put
from tests.api.test_papers import FULL
from tests.api.test_probe_now import target, watching
from tests.api.test_statements import MONTH
from tests.console.visitor import COOKIE, Visitor
from tests.credits.desk import CONFIG

OPERATOR, ADMIN, VIEWER = AccountRole.OPERATOR, AccountRole.ADMIN, AccountRole.VIEWER
BILLING = AccountRole.BILLING


async def test_every_page_opens(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    incident = visitor.service.fall("web")
    visitor.service.publish_log()
    put(visitor.service, CONFIG)
    for path in (
        "/", "/incidents", f"/incidents/{incident}", "/checks", "/checks/web-check",
        "/components/web", "/maintenance", "/exclusions", "/audit", "/accounts", "/reports",
        "/configuration", "/credits",
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


async def test_an_incident_by_hand_is_as_bad_in_lists_as_on_its_page(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    service = visitor.service
    key = service.key_of(OPERATOR)
    body = {"title": {"es": "Correo"}, "text": {"es": "No anda."}}
    for status, css in (("degraded", "is-slow"), ("down", "is-down")):
        told = await service.ask(
            "POST", "/incidents", key=key, body={**body, "components": {"mail": status}}
        )
        for path in ("/incidents", f"/incidents/{told.json['id']}"):
            seen = await visitor.get(path)
            assert css in seen.text, path
            assert (css == "is-down") == ("is-down" in seen.text), path


async def test_an_update_is_previewed_in_both_languages_and_not_published(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = visitor.service.fall("web")
    fields = {"text_es": "Un cable.", "phase": "identified", "action": "preview"}
    seen = await visitor.post(f"/incidents/{incident}", fields)
    assert seen.status == 200
    assert "Falta el inglés" in seen.words
    assert seen.text.count("Un cable.") == 3  # both pages, and still in the form
    assert visitor.service.incidents()[0].phase == "investigating"


async def test_what_was_written_is_corrected_and_its_former_words_stay(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = visitor.service.fall("web")
    await visitor.post(f"/incidents/{incident}", {"text_es": "Un cavle.", "action": "publish"})
    page = await visitor.get(f"/incidents/{incident}?edit=2")
    assert "Un cavle." in page.text
    fields = {"number": "2", "corrected_es": "Un cable.", "revision": page.field("revision")}
    done = await visitor.post(f"/incidents/{incident}/correction", fields)
    assert "Un cavle." in (await visitor.get(done.location)).words


async def test_what_is_still_down_is_resolved_only_when_that_is_said(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = visitor.service.fall("web")
    fields = {"text_es": "Listo.", "action": "resolve"}
    refused = await visitor.post(f"/incidents/{incident}", fields)
    assert refused.status == 409
    assert "Todavía caído o lento: web" in refused.words
    assert "Listo." in refused.text
    assert visitor.service.incidents()
    done = await visitor.post(f"/incidents/{incident}", {**fields, "although_down": "1"})
    assert done.location == f"/incidents/{incident}?done=resolved"
    assert visitor.service.incidents() == []


async def test_maintenance_is_announced_in_the_companys_zone_and_taken_back(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(OPERATOR)
    window = {
        "title_es": "Cambio de disco", "impact_es": "Sin web unos minutos.",
        "start": "2026-10-05T02:00", "end": "2026-10-05T03:30", "component": ["web"],
        "reason": "urgente",
    }  # fmt: skip
    done = await visitor.post("/maintenance", window)
    page = await visitor.get(done.location)
    assert "Cambio de disco" in page.words
    assert 'datetime="2026-10-05T02:00:00-03:00"' in page.text
    path = done.location.partition("?")[0]
    longer = {"revision": page.field("revision"), "end": "2026-10-05T05:00", "reason": "falta"}
    page = await visitor.get((await visitor.post(f"{path}/extension", longer)).location)
    assert 'datetime="2026-10-05T05:00:00-03:00"' in page.text
    cancelled = await visitor.post(f"{path}/cancellation", {"revision": page.field("revision")})
    assert "Cancelado" in (await visitor.get(cancelled.location)).words


async def test_what_is_mistyped_comes_back_in_the_form(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    window = {
        "title_en": "New disk",
        "impact_es": "x",
        "start": "mañana",
        "end": "2026-10-05T03:30",
    }
    seen = await visitor.post("/maintenance", window)
    assert seen.status == 422
    assert "Falta el texto en castellano" in seen.words
    assert "New disk" in seen.text


async def test_a_password_and_a_token_are_said_once(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    seen = await visitor.post(
        "/accounts", {"name": "beto", "role": "operator", "every_service": "1"}
    )
    assert "Contraseña de beto" in seen.words
    token = await visitor.post("/tokens", {"label": "script", "scope": "state:read", "days": "7"})
    assert "estado_" in token.words
    later = (await visitor.get("/accounts")).words
    assert "estado_" not in later
    assert "beto" in later


async def test_the_audit_log_is_newest_first_filtered_and_a_table(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    incident = visitor.service.fall("web")
    await visitor.post(f"/incidents/{incident}", {"text_es": "=1+1", "action": "publish"})
    words = (await visitor.get("/audit?kind=incident")).words
    assert words.index("incident.updated") < words.index("incident.opened")
    assert "session.begun" not in words
    table = await visitor.get("/audit.csv?kind=incident")
    assert table.headers["Content-Type"].startswith("text/csv")
    assert table.text.index("incident.opened") < table.text.index("incident.updated")


async def test_an_issued_month_is_taken_along_as_paper(visitor: Visitor) -> None:
    pytest.importorskip("reportlab", reason="the extra pdf is not installed")
    await visitor.sign_in(BILLING)
    with visitor.service.world.journal.transaction() as tx:
        tx.reports.keep(MONTH, hash="h1", body=json.dumps(FULL), at=Second(1_790_000_000))
    assert f"/reports/{MONTH}/1/pdf" in (await visitor.get(f"/reports/{MONTH}/1")).text
    async with visitor.service.client.get(
        f"/reports/{MONTH}/1/pdf", headers={"Cookie": f"{COOKIE}={visitor.key}"}
    ) as taken:
        assert taken.headers["Content-Type"] == "application/pdf"
        assert (await taken.read()).startswith(b"%PDF-")


async def test_a_text_is_checked_and_its_mistakes_have_lines(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    put(visitor.service, CONFIG)
    good = await visitor.post("/configuration/check", {"text": CONFIG})
    assert "El texto es correcto" in good.words
    bad = await visitor.post("/configuration/check", {"text": "page: 7\n"})
    assert "Línea 1" in bad.words


async def test_what_is_searched_is_found_by_all_its_words(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    incident = visitor.service.fall("web")
    for words, is_found in (("web respuesta", True), (incident, True), ("web correo", False)):
        seen = await visitor.get(f"/incidents?q={words.replace(' ', '+')}")
        assert (f"/incidents/{incident}" in seen.text) is is_found, words


async def test_a_check_is_run_by_hand_and_shows_what_it_saw(tmp_path: Path) -> None:
    async with (
        target() as at,
        service(tmp_path, catalogue=watching(at.port), with_pages=True) as made,
    ):
        visitor = Visitor(made)
        await visitor.sign_in(OPERATOR)
        seen = await visitor.post("/checks/web-check/probe", {})
        assert seen.status == 200, seen.words
        assert "Prueba de recién Funciona" in seen.words
        assert "address 127.0.0.1" in seen.words
        assert len(at.requests) == 1


async def test_who_may_not_run_checks_is_not_offered_it(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    assert "Probar ahora" not in (await visitor.get("/checks/web-check")).words
    assert (await visitor.post("/checks/web-check/probe", {})).status == 403


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/audit", 403, "alcance"),
        ("/monitor", 403, "servicio"),
        ("/incidents/zzzzzz", 404, "zzzzzz"),
        ("/checks/nada", 404, "nada"),
    ],
)
async def test_a_refusal_keeps_the_bar_that_leads_on(
    visitor: Visitor, path: str, status: int, said: str
) -> None:
    await visitor.sign_in(AccountRole.VIEWER, services=("mail",))
    seen = await visitor.get(path)
    assert seen.status == status
    assert '<a href="/checks"' in seen.text
    assert said in seen.words.lower()


async def test_a_stranger_is_shown_no_bar_beside_a_refusal(visitor: Visitor) -> None:
    seen = await visitor.post("/sign-in", {"name": "x" * 17_000, "password": "y"})
    assert seen.status == 413
    assert "/checks" not in seen.text
