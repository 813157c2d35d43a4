"""The console beside a provider that lies as it is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from monitor.accounts.elsewhere import Elsewhere
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import Console, OidcProvider
from monitor.domain.change import Change
from monitor.domain.secret import Secret
from monitor.domain.time.interval import Second
from monitor.roles.console.oidc import add_oidc
from tests.api.service import Service, service
from tests.oidc.browser import SESSION, Browser, Seen
from tests.oidc.lying_provider import CLIENT, LyingProvider, lying_provider
from tests.support.clock import START

HOME = "https://console.example"


@dataclass
class Stage:
    service: Service
    provider: LyingProvider

    def browser(self) -> Browser:
        return Browser(self.service.client)

    def add(self, name: str, *, email: str | None = None, subject: str | None = None) -> None:
        commands = self.service.add("boss", AccountRole.ADMIN)
        elsewhere = Elsewhere(issuer=self.provider.base, email=email, subject=subject)
        commands.add(name, roles=[AccountRole.OPERATOR], has_password=False, elsewhere=elsewhere)

    async def back(self, browser: Browser, location: str, **query: str) -> Seen:
        """Somebody signs in at the provider, and the browser comes back with what it says."""
        return await browser.get("/oidc/callback", self.provider.signed_in(location) | query)

    async def signed_in(self, browser: Browser, to: str = "/") -> Seen:
        return await self.back(browser, await browser.start(to))

    async def account_of(self, browser: Browser) -> str | None:
        """Whose session the browser's cookie opens."""
        key = browser.cookies.get(SESSION)
        if not key:
            return None
        shown = await self.service.ask("GET", "/session", key=key)
        return str(shown.json["account"]) if shown.status == 200 else None

    def changes(self, kind: str) -> list[Change]:
        return [change for change in self.service.changes() if change.kind == kind]


@asynccontextmanager
async def stage(
    folder: Path,
    settings: OidcProvider | None = None,
    *,
    allowed: tuple[str, ...] = (),
    two_factor_roles: frozenset[AccountRole] = frozenset(),
) -> AsyncIterator[Stage]:
    """`settings` without the issuer, which is the provider's."""
    now = [lambda: START]

    def clock() -> Second:
        return now[0]()

    async with lying_provider(clock) as provider:
        asked = settings or OidcProvider(
            issuer="", client_id=CLIENT, client_secret=Secret("${OIDC_SECRET}")
        )
        console = Console(oidc=replace(asked, issuer=provider.base), public_url=HOME)
        async with service(
            folder, public_url=HOME, two_factor_roles=two_factor_roles,
            more=lambda app, backend: add_oidc(app, backend, console, lambda: allowed),
        ) as made:  # fmt: skip
            now[0] = made.world.clock.now
            yield Stage(made, provider)
