"""Sign-ins that are under way: each ends once, in the browser in which it began, and soon.

In memory: after a restart of the role one begins again.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

STARTED_S = 600.0
_MOST = 10_000
"""Beyond, those that began longest ago are forgotten: memory is bounded under a flood."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Started:
    """What was sent along to the provider, or is to be shown to it, and where to go on after. The
    browser holds `browser` in a cookie."""

    browser: str
    nonce: str
    verifier: str
    to: str


class OfBrowser(Protocol):
    @property
    def browser(self) -> str: ...


T = TypeVar("T", bound=OfBrowser)


class OncePerBrowser(Generic[T]):
    """Values by a key that nobody can guess. On the event loop alone."""

    def __init__(self, *, kept_s: float = STARTED_S, most: int = _MOST) -> None:
        self._kept: OrderedDict[str, tuple[float, T]] = OrderedDict()
        self._kept_s = kept_s
        self._most = most

    def put(self, key: str, value: T, now: float) -> None:
        """`now` is monotonic."""
        self._kept[key] = (now, value)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def take(self, key: str, browser: str, now: float) -> T | None:
        """The value, which is gone then; None where there is none, it is too old, or another
        browser asks: then it stays for the right one."""
        at, value = self._kept.get(key, (0.0, None))
        if value is None or not hmac.compare_digest(value.browser.encode(), browser.encode()):
            return None
        del self._kept[key]
        return value if now - at < self._kept_s else None
