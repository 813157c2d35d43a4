"""The forms of who wants to be told, in Chromium: filled in by keyboard, given back with what is
wrong, and done without a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from monitor.domain.checks.observation import Json
from monitor.domain.subscriptions.links import Links, Purpose
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.subscription import CONFIRM_WITHIN_S, SubscriptionId
from monitor.domain.time.interval import Second
from monitor.i18n.addresses import confirm_path, subscribe_path, unsubscribe_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import SUBSCRIBERS
from statuspage.serve.subscribing.desk import BY_NETWORK, SubscriptionDesk
from tests.statuspage.browsing import (
    Visit,
    keep,
    launch,
    serving,
    too_wide,
    troubles_of,
    turn,
    violations,
    violations_of_theme,
    visiting,
)
from tests.statuspage.builders import THURSDAY
from tests.statuspage.moments import everything
from tests.support.clock import FakeClock
from tests.support.require import require_server

pytestmark = pytest.mark.browser
LINKS = Links(bytes(range(32)))
ANA = SubscriptionId("a2b3c4d5e6f7g8h9")
UNTIL = Second(THURSDAY + CONFIRM_WITHIN_S)
BAD_MAIL = "ana@localhost"
"""Which a browser lets pass, and no mail can be sent to."""
BAD_HOOK = "https://192.0.2.1/updates"


class Inbox:
    """What was asked for, and who seems to ask: each request is of another network until one is
    chosen."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Mapping[str, Json]]] = []
        self.sender = ""
        self._networks = count()

    async def append(self, kind: str, body: Mapping[str, Json]) -> None:
        self.rows.append((kind, body))

    def client(self, _: object) -> str:
        return self.sender or f"10.0.{next(self._networks)}.7"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require_server("chromium", "forms for updates in a browser: keyboard and errors")
    with sync_playwright() as playwright:
        launched = launch(playwright, chromium)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, Inbox]]:
    inbox = Inbox()
    desk = SubscriptionDesk(inbox.append, lambda: LINKS, inbox.client, FakeClock(THURSDAY))
    with serving(everything(), desks=[desk]) as url:
        yield url, inbox


def refused(visit: Visit, field: str, name: str) -> list[str]:
    """What is wrong with a form that came back, but that the browser says so itself."""
    page = visit.page
    assert page.locator(":focus").get_attribute("id") == field
    box = page.locator(f"#{field}")
    assert box.get_attribute("aria-invalid") == "true"
    told = page.locator(f"#{box.get_attribute('aria-describedby')}")
    assert told.is_visible()
    assert told.get_attribute("role") == "alert"
    return reading(visit, name)


def reading(visit: Visit, name: str) -> list[str]:
    page = visit.page
    turn(page, width=390, scheme="dark")
    keep(page, f"{name}-390-dark")
    found = violations(page)
    turn(page, width=1280, scheme="light")
    found += violations_of_theme(page)
    return found + too_wide(page, name)


def typed(page: Page, label: str, text: str) -> None:
    """Into the field of that label, and sent by the keyboard."""
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("lang", list(Lang))
def test_mail_is_asked_for_by_keyboard_and_a_mistake_is_corrected_where_it_is(
    browser: Browser, served: tuple[str, Inbox], lang: Lang
) -> None:
    (url, inbox), words = served, SUBSCRIBERS[lang]
    with visiting(browser, url + subscribe_path(lang)) as visit:
        page = visit.page
        page.get_by_text(words.which).first.focus()
        page.locator("details summary").first.press("Enter")
        page.get_by_label("Servidor web 1").first.press("Space")
        page.get_by_label(words.serious).first.check()
        typed(page, words.email, BAD_MAIL)
        page.wait_for_selector("#email-error")
        assert (
            page.locator("#email-error")
            .inner_text()
            .startswith(words.notes[Note.BAD_ADDRESS].title)
        )
        assert page.title().startswith(words.notes[Note.BAD_ADDRESS].title)
        assert page.locator("#email").input_value() == BAD_MAIL
        assert page.get_by_label("Servidor web 1").first.is_visible()
        assert refused(visit, "email", f"updates-bad-mail-{lang}") == []
        page.locator("#email").fill("ana@example.com")
        page.keyboard.press("Enter")
        page.wait_for_url("**/received")
        assert page.locator("h1").inner_text() == words.notes[Note.RECEIVED].title
        _, body = inbox.rows[-1]
        chosen = (body["address"], body["components"], body["severity"], body["locale"])
        assert chosen == ("ana@example.com", ["web1"], "serious", lang.value)


@pytest.mark.parametrize(("way", "lang"), [("webhook", Lang.ES), ("slack", Lang.PT)])
def test_another_way_comes_back_open_with_what_was_typed(
    browser: Browser, served: tuple[str, Inbox], way: str, lang: Lang
) -> None:
    (url, _), words = served, SUBSCRIBERS[lang]
    label = words.ways[way].label
    assert label is not None
    with visiting(browser, url + subscribe_path(lang)) as visit:
        visit.page.get_by_text(words.ways[way].title, exact=True).press("Enter")
        typed(visit.page, label, BAD_HOOK)
        visit.page.wait_for_selector(f"#{way}-error")
        assert visit.page.locator(f"#{way}").input_value() == BAD_HOOK
        assert refused(visit, way, f"updates-bad-{way}-{lang}") == []


def test_who_waits_for_an_incident_stays_on_its_page(
    browser: Browser, served: tuple[str, Inbox]
) -> None:
    (url, inbox), words = served, SUBSCRIBERS[Lang.ES]
    with visiting(browser, f"{url}/incidente/r4d2ab") as visit:
        typed(visit.page, words.email, BAD_MAIL)
        visit.page.wait_for_selector("#email-error")
        assert visit.page.locator("h1").inner_text() == "Streaming de radio 2: sin sonido"
        assert refused(visit, "email", "updates-bad-incident") == []
        visit.page.locator("#email").fill("ana@example.com")
        visit.page.keyboard.press("Enter")
        visit.page.wait_for_url("**/received")
        assert inbox.rows[-1][1]["incident"] == "r4d2ab"


def test_who_asks_too_often_reads_so_above_the_form_that_is_still_filled_in(
    browser: Browser, served: tuple[str, Inbox]
) -> None:
    (url, inbox), words = served, SUBSCRIBERS[Lang.PT]
    inbox.sender = "192.0.2.7"
    with visiting(browser, url + subscribe_path(Lang.PT)) as visit:
        for _ in range(BY_NETWORK.most):
            visit.page.request.post(url + subscribe_path(Lang.PT), form={"email": BAD_MAIL})
        typed(visit.page, words.email, "ana@example.com")
        visit.page.wait_for_selector("#email-error")
        inbox.sender = ""
        told = visit.page.locator(":focus").inner_text()
        assert told.startswith(words.notes[Note.TOO_MANY].title)
        assert visit.page.locator("#email").input_value() == "ana@example.com"
        assert visit.page.locator("#email").get_attribute("aria-invalid") is None
        assert reading(visit, "updates-too-many") == []


def test_both_links_of_a_mail_are_followed_without_a_script(
    browser: Browser, served: tuple[str, Inbox]
) -> None:
    (url, inbox), words = served, SUBSCRIBERS[Lang.ES]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(url + confirm_path(Lang.ES, LINKS.token(Purpose.CONFIRM, ANA, UNTIL)))
    page.get_by_role("button", name=words.confirm_send).press("Enter")
    page.wait_for_url("**/confirmed")
    page.goto(url + unsubscribe_path(Lang.ES, LINKS.token(Purpose.MANAGE, ANA, Second(0))))
    page.get_by_role("button", name=words.end_send).press("Enter")
    page.get_by_role("heading", name=words.notes[Note.ENDED].title).wait_for()
    assert [kind for kind, _ in inbox.rows[-2:]] == [
        "subscription.confirmed", "subscription.unsubscribed",
    ]  # fmt: skip
    page.goto(url + subscribe_path(Lang.ES))
    typed(page, words.email, BAD_MAIL)
    page.locator("#email-error").wait_for()
    assert page.locator("#email").input_value() == BAD_MAIL
    context.close()


def test_a_link_that_is_cut_or_too_old_says_so_readably(
    browser: Browser, served: tuple[str, Inbox]
) -> None:
    url, _ = served
    with visiting(browser, url + unsubscribe_path(Lang.ES, "cut")) as visit:
        visit.page.locator("main form button").click()
        visit.page.get_by_role("heading", name="Ese enlace no sirve").wait_for()
        visit.troubles.clear()
        assert troubles_of(visit, "updates-bad-link") == []
