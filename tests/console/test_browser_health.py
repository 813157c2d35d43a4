"""The page about the monitor, the calendar and the page that there is not, in a real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD
from tests.console.browser import LOOKS, chromium, keep, opened, turn, violations
from tests.console.test_calendar import commands, plan
from tests.console.test_monitor import ILL, WELL, at
from tests.console.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def _planned(visitor: Visitor) -> None:
    """A month with a night of many windows, one over midnight and month's end, and one taken
    back."""
    visitor.service.world.clock.advance(3_600)
    for number in range(5):
        plan(visitor, "2026-09-24", number, f"Cambio de disco del nodo {number}")
    plan(visitor, "2026-09-30", 23, "Actualización del correo", component="mail")
    commands(visitor).cancel(plan(visitor, "2026-09-28", 3, "Mudanza del DNS"))
    plan(visitor, "2026-09-21", 14, "Trabajos en la red")
    visitor.service.world.clock.advance(2 * 3_600)


@pytest.mark.parametrize("lang", LOOKS)
async def test_monitor_and_calendar_are_accessible_and_fit(tmp_path: Path, lang: str) -> None:
    found: dict[str, list[str]] = {}
    for name, machine in (("ill", ILL), ("well", WELL)):
        folder = tmp_path / name
        folder.mkdir()
        async with at(folder, machine) as visitor, chromium() as browser:
            service = visitor.service
            service.add("ana", AccountRole.ADMIN)
            _planned(visitor)
            service.world.live(web="+", dns="+", mail="+")
            pages = {f"monitor-{name}": "/monitor"}
            if name == "ill":
                pages |= {"calendar": "/maintenance", "nowhere": "/incidentes", "now-ill": "/"}
            async with opened(browser, locale=lang) as (page, troubles):
                base = f"http://127.0.0.1:{service.client.port}"
                await page.goto(f"{base}/sign-in")
                await page.fill("#name", "ana")
                await page.fill("#password", PASSWORD)
                await page.click("main button")
                for kept, path in pages.items():
                    await page.goto(base + path)
                    # That nothing is renewed is said where nothing is renewed.
                    assert not await page.locator("#old").is_visible()
                    for width, scheme in LOOKS[lang]:
                        await turn(page, width, scheme)
                        await keep(page, f"console-{kept}-{lang}-{width}-{scheme}")
                        found[f"{kept} {width}"] = await violations(page)
                assert [said for said in troubles if "404" not in said] == []
    assert {name: said for name, said in found.items() if said} == {}


async def test_a_day_of_the_calendar_leads_to_the_form_with_that_day(tmp_path: Path) -> None:
    async with at(tmp_path, WELL) as visitor, chromium() as browser:
        visitor.service.add("ana", AccountRole.OPERATOR)
        async with opened(browser, width=360) as (page, _):
            base = f"http://127.0.0.1:{visitor.service.client.port}"
            await page.goto(f"{base}/sign-in?next=/maintenance")
            await page.fill("#name", "ana")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            # On a phone only days with windows are listed.
            assert await page.locator("table.month td:visible").count() == 0
            await page.set_viewport_size({"width": 1280, "height": 800})
            assert await page.locator("table.month td:visible").count() == 35
            await page.get_by_role("link", name="Anunciar un mantenimiento el jueves 24").click()
            assert await page.input_value("#start") == "2026-09-24T02:00"
