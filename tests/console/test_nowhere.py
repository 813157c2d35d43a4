"""What a browser is shown where there is no page."""

from __future__ import annotations

import pytest

from monitor.console.nearest import nearest
from monitor.console.table import SCREENS
from monitor.domain.accounts.permissions import AccountRole
from tests.console.visitor import Visitor

ADMIN, VIEWER, OPERATOR = AccountRole.ADMIN, AccountRole.VIEWER, AccountRole.OPERATOR
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/incidentes", "/incidents"),
        ("/Mantenimiento", "/maintenance"),
        ("/configuración", "/configuration"),
        ("/monitors/", "/monitor"),
        ("/auditorías/x", "/audit"),
        ("/zzz", ""),
    ],
)
async def test_a_mistyped_path_has_the_bar_and_leads_to_the_nearest_screen(
    visitor: Visitor, path: str, near: str
) -> None:
    await visitor.sign_in(ADMIN)
    seen = await visitor.get(path, Accept=BROWSER)
    assert (seen.status, seen.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "Aquí no hay ninguna página" in seen.words
    assert '<nav aria-label="Principal">' in seen.text
    assert f'class="btn" href="{near}"' in seen.text if near else "¿Buscaba" not in seen.words
    assert "frame-ancestors 'none'" in seen.headers["Content-Security-Policy"]
    assert "script-src 'self'" in seen.headers["Content-Security-Policy"]
    assert seen.headers["Cache-Control"] == "no-store"


async def test_the_address_of_a_form_leads_to_its_page(visitor: Visitor) -> None:
    await visitor.sign_in(OPERATOR)
    incident = visitor.service.fall("web")
    seen = await visitor.get(f"/incidents/{incident}/merger", Accept=BROWSER)
    assert (seen.status, seen.headers["Allow"]) == (405, "POST")
    assert f'class="btn" href="/incidents/{incident}"' in seen.text


async def test_a_stranger_is_told_no_screens(visitor: Visitor) -> None:
    seen = await visitor.get("/incidentes", Accept=BROWSER)
    assert seen.status == 404
    assert "/incidents" not in seen.text
    assert "<nav" not in seen.text


async def test_no_screen_is_offered_that_is_not_open_to_who_asks(visitor: Visitor) -> None:
    await visitor.sign_in(VIEWER)
    seen = await visitor.get("/cuentas", Accept=BROWSER)
    assert (seen.status, 'href="/accounts"' in seen.text) == (404, False)


@pytest.mark.parametrize(
    ("path", "accept"),
    [("/api/v1/nothing", BROWSER), ("/api/nothing", BROWSER), ("/incidentes", "application/json"),
     ("/incidentes", ""), ("/_static/none.css", "text/css,*/*;q=0.1")],
)  # fmt: skip
async def test_programs_are_told_in_json(visitor: Visitor, path: str, accept: str) -> None:
    await visitor.sign_in(ADMIN)
    seen = await visitor.get(path, Accept=accept)
    assert seen.status == 404
    assert seen.headers["Content-Type"].startswith("application/problem+json")


async def test_what_was_typed_is_text_on_the_page(visitor: Visitor) -> None:
    await visitor.sign_in(ADMIN)
    seen = await visitor.get("/%3Cscript%3Ealert(1)%3C/script%3E", Accept=BROWSER)
    assert seen.status == 404
    assert "<script>alert" not in seen.text
    long = await visitor.get("/" + "x" * 4_000, Accept=BROWSER)
    assert long.status == 404


async def test_a_form_from_elsewhere_is_refused_where_there_is_no_page_too(
    visitor: Visitor,
) -> None:
    await visitor.sign_in(ADMIN)
    seen = await visitor.post("/incidentes", {}, Origin="https://evil.example", Accept=BROWSER)
    assert seen.status == 403


def test_what_lies_below_a_page_is_nearer_than_what_is_called_alike() -> None:
    bar = {"incidents": "/incidents", "accounts": "/accounts"}
    for path, wanted in (
        ("/incidents/k3f9a2/merger", "/incidents/k3f9a2"),
        ("/accounts/ana", "/accounts"),
        ("/acounts", "/accounts"),
        ("//", ""),
        ("/" + "incidents" * 500, ""),
    ):
        assert nearest(path, SCREENS, bar) == wanted, path
