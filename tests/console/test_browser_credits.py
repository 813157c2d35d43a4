"""The pages about credits in a real Chromium: readable by everybody, and decided by a click."""

from __future__ import annotations

from pathlib import Path

import pytest

from credits.life.credit import CreditId
from credits.life.states import CreditState
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE
from tests.api.service import PASSWORD, service
from tests.console.browser import chromium, keep, opened, violations
from tests.console.test_credits import BON, OTHER, PATH, approved, open_credits, reviewed
from tests.console.test_monitor import pull_the_brake
from tests.console.visitor import Visitor
from tests.statuspage.browsing import Scheme

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize(("scheme", "lang"), [("light", "es"), ("dark", "en")])
async def test_an_approver_finds_what_waits_and_decides(
    tmp_path: Path, scheme: Scheme, lang: str
) -> None:
    """The brake is on: it says so where they decide, and holds nobody from deciding."""
    async with service(tmp_path, with_pages=True) as made, chromium() as browser:
        open_credits(made)
        eva = Visitor(made)
        pull_the_brake(eva, "Los importes no cierran: falta revisar el tipo de cambio")
        await eva.sign_in(AccountRole.BILLING)
        await reviewed(eva)
        await reviewed(eva, f"/credits/{OTHER}", "78")
        made.add("luz", AccountRole.APPROVER)
        async with opened(browser, scheme=scheme, locale=lang) as (page, troubles):
            base = f"http://127.0.0.1:{made.client.port}"
            await page.goto(f"{base}/sign-in")
            await page.fill("#name", "luz")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            found: dict[str, list[str]] = {}
            pages = {"list": "/credits", "story": f"{PATH}/explanation", "one": PATH}
            for name, where in pages.items():
                await page.goto(base + where)
                for width in (360, 1280):
                    await page.set_viewport_size({"width": width, "height": 800})
                    await keep(page, f"credit-{name}-{lang}-{width}")
                    found[f"{name} {width}"] = await violations(page)
            await page.fill("#reason", "Consta")
            await page.click('button[value="approve"]')
            assert await page.locator("main .answer .is-ok").count() == 1
            await page.goto(f"{base}/credits")
            # Its sentence is one piece beside the icon, however many times and names it has.
            assert await page.locator(".told > *").count() == 2
            await page.check(f'input[value="{OTHER}:3"]')
            await page.click('form[action="/credits/approvals"] button')
            assert await page.locator("#outcome").count() == 1
            found["outcome"] = await violations(page)
            await page.goto(f"{base}/credits?state=approved")
            assert await page.locator(f'a[href="/credits/{BON}"]').count() == 1
            assert await page.locator(f'a[href="/credits/{OTHER}"]').count() == 1
            assert troubles == []
        assert {name: bad for name, bad in found.items() if bad} == {}


@pytest.mark.parametrize(("scheme", "lang"), [("light", "es"), ("dark", "en")])
async def test_billing_says_what_it_found_in_the_panel(
    tmp_path: Path, scheme: Scheme, lang: str
) -> None:
    async with service(tmp_path, with_pages=True) as made, chromium() as browser:
        open_credits(made)
        steps, _ = await approved(Visitor(made))
        record, _ = steps.read(CreditId(BON))
        claimed = steps.claim(record, "whmcs", MACHINE)
        steps.close(claimed, CreditState.APPLY_UNKNOWN, "", "panel.example: status 504")
        async with opened(browser, scheme=scheme, locale=lang) as (page, troubles):
            base = f"http://127.0.0.1:{made.client.port}"
            await page.goto(f"{base}/sign-in")
            await page.fill("#name", "billing")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            await page.goto(base + PATH)
            found: dict[str, list[str]] = {}
            for width in (360, 1280):
                await page.set_viewport_size({"width": width, "height": 800})
                await keep(page, f"credit-panel-{lang}-{width}")
                found[f"panel {width}"] = await violations(page)
            await page.fill("#reference", "4711")
            await page.click('form[action$="/confirmation"] button')
            assert await page.locator("main .answer .is-ok").count() == 1
            assert troubles == []
        assert {name: bad for name, bad in found.items() if bad} == {}
