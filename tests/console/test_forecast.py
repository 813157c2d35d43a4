"""The screen of what the month under way will come to."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD, service
from tests.api.test_forecast import SOLD, fail, row, sell
from tests.console.browser import chromium, keep, opened, violations
from tests.console.visitor import Visitor


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Visitor]:
    async with service(tmp_path, with_pages=True, catalogue=SOLD) as opened_service:
        yield Visitor(opened_service)


async def test_it_says_of_fleet_terms_and_contracts_what_is_used_and_what_follows(
    office: Visitor,
) -> None:
    key = office.service.key_of(AccountRole.BILLING)
    await sell(office.service, row("C-1") + row("C-2"), key)
    fail(office.service, 40)
    await office.sign_in(AccountRole.BILLING, name="eva")
    words = (await office.get("/forecast")).words
    assert "Pronóstico de septiembre" in words
    assert "La próxima garantía se incumple en 7 min 32 s, a las 12:03:32" in words
    assert "Con una caída que sigue 2 Garantía incumplida 0 Desde el 80 % 2" in words
    assert "standard 84 % 2 contratos · 40 min de 47 min 31 s · Se incumple en" in words
    assert "Por Web (40 min, sigue)" in words
    assert "C-1 Hosting · standard 77 84 %" in words


async def test_terms_are_in_the_order_of_what_is_used_of_them(office: Visitor) -> None:
    key = office.service.key_of(AccountRole.BILLING)
    columns = "contract_id,client_id,service_id,product,terms,components,active_from\n"
    rows = "".join(
        f"C-{place},77,50{place},Hosting,standard,{component},2026-01-10\n"
        for place, component in enumerate(("mail", "dns", "web"))
    )
    sold = await office.service.ask(
        "POST", "/contracts/import", key=key, data=(columns + rows).encode(),
        Content_Type="text/csv",
    )  # fmt: skip
    assert sold.status == 200, sold.text
    office.service.world.live(web="++" + "-" * 40, dns="++" + "-" * 20 + "+" * 20, mail="+" * 42)
    await office.sign_in(AccountRole.BILLING, name="eva")
    words = (await office.get("/forecast")).words
    rows_of_terms = re.findall(r"standard \((\w{12})\) (\d+) % 1 contrato", words)
    assert [used for _, used in rows_of_terms] == ["84", "42", "0"]
    assert len({hash_ for hash_, _ in rows_of_terms}) == 3, "three of one name are told apart"


async def test_where_nothing_is_sold_it_says_so(office: Visitor) -> None:
    await office.sign_in(AccountRole.BILLING)
    assert "No hay ningún contrato vigente este mes." in (await office.get("/forecast")).words


async def test_only_who_reads_billing_of_all_services_sees_it(office: Visitor) -> None:
    await office.sign_in(AccountRole.VIEWER)
    assert (await office.get("/forecast")).status == 403
    assert 'href="/forecast"' not in (await office.get("/")).text


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_everybody_can_read_it_on_a_desk_and_on_a_phone(tmp_path: Path) -> None:
    async with (
        service(tmp_path, with_pages=True, catalogue=SOLD) as made,
        chromium() as browser,
    ):
        key = made.key_of(AccountRole.BILLING)
        await sell(made, row("C-1") + row("C-2", net="125000.00") + row("C-3"), key)
        fail(made, 40)
        made.add("ana", AccountRole.BILLING)
        found: dict[str, list[str]] = {}
        async with opened(browser, scheme="dark") as (page, troubles):
            base = f"http://127.0.0.1:{made.client.port}"
            await page.goto(f"{base}/sign-in")
            await page.fill("#name", "ana")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            await page.goto(f"{base}/forecast")
            for width in (320, 1280):
                await page.set_viewport_size({"width": width, "height": 800})
                await keep(page, f"forecast-{width}")
                found[f"{width}"] = await violations(page)
            assert troubles == []
        assert {name: bad for name, bad in found.items() if bad} == {}
