"""The pages' own stream: by the session's cookie, and by nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.api.events.streams import StreamLimits
from monitor.domain.accounts.permissions import AccountRole
from tests.api.event_stream import Listener
from tests.api.service import PASSWORD, Service, service
from tests.console.browser import chromium, opened
from tests.console.visitor import COOKIE, Visitor

QUICK = StreamLimits(poll_s=0.02, recheck_s=0.05)


async def listened(made: Service, cookie: str, **headers: str) -> Any:
    sent = {"Cookie": f"{COOKIE}={cookie}", "Accept": "text/event-stream", **headers}
    return await made.client.get("/events", headers=sent)


async def test_a_page_hears_by_its_session_what_happens_until_it_ends(tmp_path: Path) -> None:
    async with service(tmp_path, with_pages=True, stream_limits=QUICK) as made:
        visitor = Visitor(made)
        await visitor.sign_in(AccountRole.VIEWER, services=("mail",))
        async with await listened(made, visitor.key) as answer:
            assert answer.status == 200
            listener = Listener(answer)
            made.note(("incident.updated", "x"), ("timeline.corrected", "mail-check"))
            assert (await listener.event()).data["subject"] == "mail-check"
            assert (await visitor.post("/sign-out", {})).status == 303
            found = await listener.event()
            assert (found.name, found.data["code"]) == ("end", "session.over")


async def test_it_opens_to_no_token_to_nobody_and_to_no_page_of_others(tmp_path: Path) -> None:
    async with service(tmp_path, with_pages=True) as made:
        visitor = Visitor(made)
        await visitor.sign_in(AccountRole.VIEWER)
        token = made.key_of(AccountRole.OPERATOR)
        for cookie, status in (("", 401), ("x" * 43, 401)):
            async with await listened(made, cookie) as answer:
                assert answer.status == status
        bearer = await listened(made, "", Authorization=f"Bearer {token}")
        assert bearer.status == 401
        async with await listened(made, visitor.key, Host="evil.example") as answer:
            assert answer.status == 421
            assert (await answer.json())["code"] == "request.host"


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_a_real_browser_hears_what_happens(tmp_path: Path) -> None:
    """And the policy of our pages lets it."""
    async with (
        service(tmp_path, with_pages=True, stream_limits=QUICK) as made,
        chromium() as browser,
        opened(browser) as (page, troubles),
    ):
        made.add("ana", AccountRole.VIEWER)
        base = f"http://127.0.0.1:{made.client.port}"
        await page.goto(f"{base}/sign-in")
        await page.fill("#name", "ana")
        await page.fill("#password", PASSWORD)
        await page.click("main button")
        await page.evaluate(_LISTEN)
        made.note(("incident.updated", "k3f9a2"))
        found = await page.evaluate("() => window.heard")
        assert found["subject"] == "k3f9a2"
        assert found["id"] == found["lastEventId"]
        assert troubles == []


_LISTEN = """() => {
  const source = new EventSource("/events");
  window.heard = new Promise((resolve) => source.addEventListener("incident", (event) => {
    resolve({...JSON.parse(event.data), lastEventId: event.lastEventId});
  }));
  return new Promise((resolve) => { source.onopen = () => resolve(true); });
}"""
"""Until it listens."""
