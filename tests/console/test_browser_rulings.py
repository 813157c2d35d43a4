"""The pages about unknown time in a real Chromium: readable by everybody, decided by a click."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from tests.api.service import PASSWORD, service
from tests.console.browser import chromium, keep, opened, violations
from tests.console.test_rulings import proposed
from tests.console.visitor import Visitor
from tests.statuspage.browsing import Scheme
from tests.support.waiting_credits import keep_waiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("scheme", "lang"), [("light", "es"), ("dark", "en")])
async def test_an_approver_sees_the_money_and_decides(
    tmp_path: Path, scheme: Scheme, lang: str
) -> None:
    async with service(tmp_path, with_pages=True) as made, chromium() as browser:
        keep_waiting(made.world.journal, end=Second(made.world.clock.now() - 20 * 86_400))
        billing = Visitor(made)
        await billing.sign_in(AccountRole.BILLING)
        path = await proposed(billing)
        made.add("luz", AccountRole.APPROVER, AccountRole.BILLING)
        async with opened(browser, scheme=scheme, locale=lang) as (page, troubles):
            base = f"http://127.0.0.1:{made.client.port}"
            await page.goto(f"{base}/sign-in")
            await page.fill("#name", "luz")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            found: dict[str, list[str]] = {}
            for name, where in (("list", "/unknown-time"), ("one", path)):
                await page.goto(base + where)
                await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = 1)")
                for width in (360, 1280):
                    await page.set_viewport_size({"width": width, "height": 800})
                    await keep(page, f"unknown-time-{name}-{lang}-{width}")
                    found[f"{name} {width}"] = await violations(page)
            await page.fill("#reason", "Consta")
            await page.click('button[value="approve"]')
            assert await page.locator("main .answer .is-ok").count() == 1
            assert troubles == []
        assert {name: bad for name, bad in found.items() if bad} == {}
