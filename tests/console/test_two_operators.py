"""Two operators at once, each in a browser of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page

from monitor.api.events.streams import StreamLimits
from monitor.domain.accounts.permissions import AccountRole
from tests.api.service import PASSWORD, Service, service
from tests.console.browser import chromium, opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

QUICK = StreamLimits(poll_s=0.02, recheck_s=0.05)
FIRST, SECOND = "Un disco falló.", "Ya viaja un técnico."


async def _signed_in(page: Page, made: Service, name: str, path: str) -> None:
    made.add(name, AccountRole.OPERATOR)
    await page.goto(f"http://127.0.0.1:{made.client.port}{path}")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("main button")


async def _publish(page: Page, words: str) -> None:
    await page.fill("#text-es", words)
    await page.click("button[value=publish]")


async def test_one_is_told_what_the_other_wrote_keeps_the_own_words_and_sends_them_again(
    tmp_path: Path,
) -> None:
    async with (
        service(tmp_path, with_pages=True, stream_limits=QUICK) as made,
        chromium() as browser,
        opened(browser) as (ana, troubles),
        opened(browser) as (beto, _),
    ):
        path = f"/incidents/{made.fall('web')}"
        made.publish_log()
        await _signed_in(ana, made, "ana", path)
        await _signed_in(beto, made, "beto", path)
        await beto.fill("#text-es", SECOND)
        await _publish(ana, FIRST)
        await ana.wait_for_selector(".told.is-ok")
        assert FIRST in await ana.inner_text("ol.log")

        await beto.click("button[value=publish]")
        refused = await beto.inner_text(".told.is-down[role=alert]")
        assert "cambió" in refused
        assert FIRST in await beto.inner_text("ol.log")
        assert SECOND not in await beto.inner_text("ol.log")
        assert await beto.input_value("#text-es") == SECOND
        assert [u.person.in_locale("es") for u in made.incidents()[0].updates if u.person] == [
            FIRST
        ]

        await beto.click("button[value=publish]")
        await beto.wait_for_selector(".told.is-ok")
        log = await beto.inner_text("ol.log")
        assert log.index(SECOND) < log.index(FIRST)
        assert troubles == []


async def test_what_one_publishes_arrives_by_itself_on_the_others_first_page(
    tmp_path: Path,
) -> None:
    async with (
        service(tmp_path, with_pages=True, stream_limits=QUICK) as made,
        chromium() as browser,
        opened(browser) as (ana, _),
        opened(browser) as (beto, troubles),
    ):
        incident = made.fall("web")
        made.publish_log()
        await _signed_in(ana, made, "ana", f"/incidents/{incident}")
        await _signed_in(beto, made, "beto", "/")
        assert "nadie escribió" in (await beto.inner_text("#live article header")).lower()
        loaded = await beto.evaluate("() => { window.same = true; return performance.timeOrigin }")
        await ana.fill("#text-es", FIRST)
        await _publish(ana, FIRST)
        await beto.wait_for_selector("#live article header:not(:has(b))")
        assert await beto.evaluate("() => window.same && performance.timeOrigin") == loaded
        assert troubles == []
