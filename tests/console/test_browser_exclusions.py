"""The pages about exclusions in a real Chromium: readable by everybody, and decided by a click."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD, service
from tests.console.browser import chromium, keep, opened, violations
from tests.console.test_exclusions import FIELDS
from tests.console.visitor import Visitor
from tests.statuspage.browsing import Scheme

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("scheme", "lang"), [("light", "es"), ("dark", "en")])
async def test_an_approver_sees_the_effect_and_decides(
    tmp_path: Path, scheme: Scheme, lang: str
) -> None:
    async with service(tmp_path, with_pages=True) as made, chromium() as browser:
        operator = Visitor(made)
        await operator.sign_in(AccountRole.OPERATOR)
        incident = made.fall("web")
        made.world.live(web="+" * 40, dns="+" * 40, mail="+" * 40)
        fields = {**FIELDS, "incident": incident, "component": "web"}
        done = await operator.post("/exclusions", fields)
        path = done.location.partition("?")[0]
        made.add("luz", AccountRole.APPROVER)
        async with opened(browser, scheme=scheme, locale=lang) as (page, troubles):
            base = f"http://127.0.0.1:{made.client.port}"
            await page.goto(f"{base}/sign-in")
            await page.fill("#name", "luz")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            found: dict[str, list[str]] = {}
            for name, where in (("list", "/exclusions"), ("one", path)):
                await page.goto(base + where)
                for width in (360, 1280):
                    await page.set_viewport_size({"width": width, "height": 800})
                    await keep(page, f"exclusion-{name}-{lang}-{width}")
                    found[f"{name} {width}"] = await violations(page)
            await page.fill("#reason", "Consta")
            await page.click('button[value="approve"]')
            assert await page.locator("main .answer .is-ok").count() == 1
            assert troubles == []
        assert {name: bad for name, bad in found.items() if bad} == {}
