"""Each screen in a real Chromium: both languages and themes, a phone and a desktop."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.domain.accounts.permissions import AccountRole, Scope
from tests.api.service import PASSWORD
from tests.api.test_configuration import put
from tests.console.browser import LOOKS, chromium, keep, opened, turn, violations
from tests.console.past import Past, live_a_week, past, results
from tests.credits.desk import CONFIG
from tests.support.reported import report

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def _filled(there: Past) -> dict[str, str]:
    """Addresses by the screen's name, of a company with something in each."""
    made = there.made
    made.add("ana", AccountRole.ADMIN)
    made.add("beto", AccountRole.OPERATOR, services=("hosting",))
    made.token("ana", Scope.STATE_READ)
    live_a_week(made)
    incident = made.fall("web")
    now = made.world.clock.now()
    problem = report(made.world.journal, "7K2M9QXD", now, answer_by=now, incident=incident)
    made.publish_log()
    put(made, CONFIG)
    await there.archive.log(*results(made.world.clock.now()))
    await there.archive.count()
    return {
        "now": "/", "incidents": "/incidents", "incident": f"/incidents/{incident}",
        "checks": "/checks", "check": "/checks/web-check", "component": "/components/web",
        "maintenance": "/maintenance", "monitor": "/monitor", "audit": "/audit",
        "accounts": "/accounts",
        "reports": "/reports", "configuration": "/configuration",
        "latency": "/latency/checks/web-check",
        "problems": "/problems", "problem": f"/problems/{problem}",
        "account": "/account", "new-incident": "/new-incident",
    }  # fmt: skip


@pytest.mark.parametrize("lang", LOOKS)
async def test_every_screen_is_accessible_and_fits(tmp_path: Path, lang: str) -> None:
    async with past(tmp_path) as there, chromium() as browser:
        base = f"http://127.0.0.1:{there.made.client.port}"
        pages = await _filled(there)
        async with opened(browser, locale=lang) as (page, troubles):
            found: dict[str, list[str]] = {}
            await page.goto(f"{base}/sign-in")
            await keep(page, f"console-sign-in-{lang}-1280-light")
            found["sign-in"] = await violations(page)
            await page.fill("#name", "ana")
            await page.fill("#password", PASSWORD)
            await page.click("main button")
            for name, path in pages.items():
                await page.goto(base + path)
                # What a page loads by itself is looked at too.
                await page.wait_for_selector("#latency[hx-get]", state="detached")
                assert not await page.is_visible("#old"), "it is renewed"
                for width, scheme in LOOKS[lang]:
                    await turn(page, width, scheme)
                    await keep(page, f"console-{name}-{lang}-{width}-{scheme}")
                    found[f"{name} {width}"] = await violations(page)
            assert {name: said for name, said in found.items() if said} == {}
            assert troubles == []
