"""The cookie that holds a session's key: no script reads it, and no other site sends it."""

from __future__ import annotations

from aiohttp import web

from monitor.accounts.session_keys import SESSION_S
from monitor.console.browser.origin import Origin


def set_session(response: web.Response, origin: Origin, key: str | None) -> None:
    """Begin or go on with a session; an empty key ends it, None leaves it."""
    if key is not None:
        response.set_cookie(
            origin.cookie, key, path="/", httponly=True, samesite="Lax", secure=origin.is_secure,
            max_age=SESSION_S if key else 0,
        )  # fmt: skip
