"""A night on call, in a real Chromium before the whole product: on a phone with a second factor,
and on a desk with the keyboard alone."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.flapping import wall
from tests.e2e.product import HOST, Product, free_port, product, until
from tests.e2e.test_outage import listening
from tests.statuspage.browsing import keep, launch, violations
from tests.support.require import require_server

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def night(tmp_path: Path) -> Iterator[tuple[Product, Browser, int]]:
    """The product, and a target of it that has fallen; its port."""
    chromium = require_server("chromium", "a night on call in a browser")
    target, steady = free_port(), free_port()
    checks = {"flaky": f"{HOST}:{target}", "steady": f"{HOST}:{steady}"}
    alerts = "alerts:\n  group_wait: 1s\n  observe: 600s\n"
    with product(tmp_path, checks, extra=alerts) as made, listening(steady):
        with listening(target):
            made.start_all()
            made.wait_ready(60)
            until(
                lambda: made.metric('estado_component_90d_seconds{bucket="up",component="flaky"}'),
                within=60, what=f"flaky up {made.tail()}",
            )  # fmt: skip
        until(lambda: made.api("incidents")["incidents"], within=60, what="an incident")
        with sync_playwright() as playwright:
            browser = launch(playwright, chromium)
            yield made, browser, target
            browser.close()


def _account(made: Product) -> str:
    """The password of a new account."""
    done = made.command(
        "user", "add", "ana", "--role", "operator", "--generate", "-c", str(made.config),
        "-d", str(made.data),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _sign_in(page: Page, made: Product, password: str, code: str = "") -> None:
    page.goto(f"http://{HOST}:{made.console_port}/")
    page.get_by_label("Usuario").fill("ana")
    page.get_by_label("Contraseña").fill(password)
    page.get_by_label(re.compile("^Código")).fill(code)
    page.get_by_role("button", name="Entrar").click()


def _code(seed: str) -> str:
    """What an authenticator shows now."""
    key = base64.b32decode(seed)
    totp = TOTP(key, 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - as RFC 6238 has it
    return totp.generate(wall()).decode()


def _next_code(seed: str, used: str) -> str:
    """A code is good once: wait for the next one."""
    while (code := _code(seed)) == used:
        time.sleep(0.5)
    return code


def test_a_night_on_the_phone(night: tuple[Product, Browser, int]) -> None:
    made, browser, target = night
    password = _account(made)
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, locale="es-AR", has_touch=True
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        # Advice of Chromium's for password managers is no error.
        lambda message: troubles.append(message.text) if message.type == "error" else None,
    )

    # In the evening: the telephone becomes the second factor.
    _sign_in(page, made, password)
    page.goto(f"http://{HOST}:{made.console_port}/account")
    page.get_by_role("button", name="Configurarlo").click()
    seed = page.locator("section code.secret").inner_text()
    keep(page, "night-enrol")
    assert violations(page) == []
    first = _code(seed)
    page.get_by_label("Código que muestra la aplicación").fill(first)
    page.get_by_label("Contraseña actual").first.fill(password)
    page.get_by_role("button", name="Confirmar").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("button", name="Salir").click()
    expect(page.get_by_role("status")).to_contain_text("Salió")

    # At three.
    _sign_in(page, made, password, _next_code(seed, first))
    expect(page.get_by_role("heading", name="Incidentes abiertos")).to_be_visible()
    keep(page, "night-now")
    page.locator("article h3 a").first.click()
    seen = page.locator("section", has=page.get_by_role("heading", name="Lo que ven los controles"))
    expect(seen).to_contain_text("conn_refused")
    page.get_by_label("Estado").select_option("identified")
    page.locator("#text-es").fill("Un disco falló; lo estamos cambiando.")
    page.get_by_role("button", name="Ver cómo queda").click()
    expect(page.get_by_role("heading", name="Así queda en la página pública")).to_be_visible()
    keep(page, "night-preview")
    page.get_by_role("button", name="Publicar", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("publicada")
    keep(page, "night-published")
    public = page.get_by_role("link", name="Español")
    address = public.get_attribute("href")
    assert address is not None
    until(
        lambda: "Un disco falló" in made.page(address.removeprefix(made.url))[1],
        within=20, what="the words on the public page",
    )  # fmt: skip

    # It is mended, and said.
    with listening(target):
        until(lambda: "En observación" in _reloaded(page), within=30, what="the monitor sees it up")
        page.locator("#text-es").fill("Cambiamos el disco. Está resuelto.")
        page.get_by_role("button", name="Publicar y resolver").click()
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("section.answer")).to_contain_text("Resuelto")
        until(
            lambda: "Está resuelto" in made.page(address.removeprefix(made.url))[1],
            within=20, what="the end on the public page",
        )  # fmt: skip
    assert troubles == []


def _reloaded(page: Page) -> str:
    page.reload()
    return page.locator("section.answer").inner_text()


def test_the_same_by_the_keyboard_alone(night: tuple[Product, Browser, int]) -> None:
    made, browser, _ = night
    password = _account(made)
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en")
    page = context.new_page()
    page.goto(f"http://{HOST}:{made.console_port}/")
    page.keyboard.type("ana")
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Open incidents")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    keep(page, "night-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Write an update")).to_be_visible()
    page.keyboard.press("u")
    page.keyboard.type("Un cable. Lo cambiamos ahora.")
    page.keyboard.press("Tab")
    page.keyboard.type("A cable. We are replacing it now.")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Publish":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("published")
    page.keyboard.press("g")
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Open incidents")).to_be_visible()
    expect(page.locator("article")).not_to_contain_text("nobody has written")
