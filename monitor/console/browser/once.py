"""A form that a browser sends twice is done once: a second click is answered as the first was."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from monitor.api.requests.idempotency import Answers, Key, Sent, fingerprint_of

KEPT_S = 600.0
_FIELD = re.compile(rb"(?:^|&)once=[A-Za-z0-9_-]{16,64}(?:&|$)")
_HEADERS = (
    hdrs.LOCATION, hdrs.CONTENT_TYPE, hdrs.CONTENT_LANGUAGE, hdrs.CONTENT_DISPOSITION,
)  # fmt: skip
Make = Callable[[], Awaitable[web.StreamResponse]]


def key_of(session_key: str, path: str, form: bytes) -> Key | None:
    """What a form is known by: the session that sends it and all that is in it, of which one field
    is made anew for each page. None where it has no such field."""
    if not session_key or not _FIELD.search(form):
        return None
    credential = hashlib.sha256(session_key.encode()).hexdigest()
    text = fingerprint_of(hdrs.METH_POST, path, form)
    return Key(account="", credential=credential, text=text)


class Once:
    """On the event loop alone. Answers that created nothing, as every refusal, are not kept."""

    def __init__(self) -> None:
        self._answers = Answers(kept_s=KEPT_S)
        self._under_way: dict[Key, asyncio.Task[web.StreamResponse]] = {}

    async def run(
        self,
        key: Key,
        clock: Callable[[], float],
        make: Make,
        may_again: Callable[[], Awaitable[bool]],
    ) -> web.StreamResponse:
        """The answer that `make` gives, or has given. It goes on where who asked has left: a
        browser leaves the first request where the second is sent. `may_again` says whether whoever
        asks may still read an answer; one that begins a session is for the session that ended by
        it, so nobody is asked."""
        while (running := self._under_way.get(key)) is not None:
            await asyncio.wait([running])
        before = self._answers.begin(key, key.text, clock())
        if before is not None:
            is_open = hdrs.SET_COOKIE in before.headers or await may_again()
            return _again(before) if is_open else await make()
        task = self._under_way[key] = asyncio.create_task(self._made(key, make))
        task.add_done_callback(_heard)
        await asyncio.wait([task])
        return task.result()

    async def _made(self, key: Key, make: Make) -> web.StreamResponse:
        sent = None
        try:
            made = await make()
            sent = _sent(made)
        finally:
            self._answers.end(key, sent)
            del self._under_way[key]
        return made

    def close(self) -> None:
        for task in self._under_way.values():
            task.cancel()


def _heard(task: asyncio.Task[web.StreamResponse]) -> None:
    """What it failed with is known, also where nobody waits any more."""
    if not task.cancelled():
        task.exception()


def _sent(response: web.StreamResponse) -> Sent | None:
    if not isinstance(response, web.Response) or response.status >= 400:
        return None
    cookies = list(response.cookies.values())
    if len(cookies) > 1:
        return None
    headers = {str(n): response.headers[n] for n in _HEADERS if n in response.headers}
    if cookies:
        headers[hdrs.SET_COOKIE] = cookies[0].OutputString()
    body = response.body if isinstance(response.body, bytes) else b""
    return Sent(status=response.status, headers=headers, body=body)


def _again(sent: Sent) -> web.Response:
    return web.Response(status=sent.status, headers=sent.headers, body=sent.body)
