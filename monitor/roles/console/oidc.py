"""Signing in at a provider, put together: its adapter, the use case, and what the console lends."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import structlog
from aiohttp import web

from monitor.accounts.sign_in.codes import Codes
from monitor.accounts.sign_in.provider_sign_in import ProviderSignIn
from monitor.api.ports import Backend
from monitor.console.provider import ProviderDoor
from monitor.domain.catalogue import Console, OidcProvider
from monitor.oidc.documents import Documents
from monitor.oidc.handlers import CALLBACK, AtProvider, OidcHandlers


def add_oidc(
    app: web.Application, backend: Backend, console: Console, allowed: Callable[[], Iterable[str]]
) -> None:
    """Routes to sign in at the provider of the configuration, where there is one. `allowed` are
    the networks that are not public and may be reached."""
    if console.oidc is None:
        return
    door = ProviderDoor(backend)
    provider = _provider(console, console.oidc, backend, allowed)
    app.on_cleanup.append(door.close)
    if provider is None:
        app.router.add_get("/oidc/start", door.without_extra)
        return
    sign_in = ProviderSignIn(
        reading=backend.reading,
        journal=backend.writing,
        codes=Codes(second_factor=backend.second_factor, sealer=backend.sealer),
        randomness=backend.randomness,
        clock=backend.clock,
        throttle=backend.throttle,
        rules=console.oidc.rules,
    )
    OidcHandlers(provider, sign_in, door, backend.clock).add_to(app)


def _provider(
    console: Console,
    settings: OidcProvider,
    backend: Backend,
    allowed: Callable[[], Iterable[str]],
) -> AtProvider | None:
    """None without the libraries that it needs; whoever has a password does without."""
    try:
        from monitor.oidc.provider import Provider
    except ImportError as error:
        structlog.get_logger().error(
            "oidc.no_extra", missing=error.name, hint="pip install 'estado[oidc]'",
            meaning="nobody can sign in at the provider; passwords open as before",
        )  # fmt: skip
        return None
    home = console.public_url or f"http://{_bracketed(console.host)}:{console.port}"
    return Provider(
        settings=settings,
        redirect_uri=f"{home}{CALLBACK}",
        home_uri=f"{home}/",
        documents=Documents(issuer=settings.issuer, allowed=allowed, ca_file=settings.ca_file),
        clock=backend.clock,
    )


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
