"""What was created once is not created again: answers by Idempotency-Key, in memory."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.api.caller import Caller
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import Refused

KEPT_S = 86_400.0
_MOST_ANSWERS = 10_000
_MOST_BYTES = 32 * 1024 * 1024
_LONGEST = 200
_VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """An answer as it went out."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a client calls a request, with its token or session and what these may now: an answer,
    which may hold a secret, is said again to nobody else."""

    account: str
    credential: str = ""
    scopes: frozenset[str] | None = None
    services: frozenset[ServiceId] | None = None
    text: str

    @classmethod
    def of(cls, caller: Caller | None, header: str) -> Key:
        """Raises Refused."""
        if len(header) > _LONGEST or not _VISIBLE.fullmatch(header):
            raise Refused("idempotency.key", most=_LONGEST)
        if caller is None:
            return cls(account="", text=header)
        actor = caller.actor
        return cls(
            account=actor.id, credential=caller.credential, scopes=actor.scopes,
            services=actor.services, text=header,
        )  # fmt: skip


@dataclass(slots=True)
class _Kept:
    fingerprint: str
    at: float
    sent: Sent | None = None

    @property
    def size(self) -> int:
        return len(self.sent.body) if self.sent else 0


class Answers:
    """On the event loop alone. Bounded in number and in bytes: beyond, the oldest are forgotten,
    but none that is under way."""

    def __init__(self, *, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._bytes = 0

    def begin(self, key: Key, fingerprint: str, now: float) -> Sent | None:
        """The answer that this very request had; None where it is new, which is under way from
        here on. Raises Refused where the key was another request's, or the first is under way."""
        self._forget(now)
        kept = self._kept.get(key)
        if kept is None:
            self._kept[key] = _Kept(fingerprint=fingerprint, at=now)
            return None
        if kept.fingerprint != fingerprint:
            raise Refused("idempotency.reused")
        if kept.sent is None:
            raise Refused("idempotency.busy", seconds=1)
        return kept.sent

    def end(self, key: Key, sent: Sent | None) -> None:
        """`sent` is None where nothing was created: the key is free again."""
        kept = self._kept.get(key)
        if kept is None:
            return
        if sent is None:
            del self._kept[key]
            return
        kept.sent = sent
        self._bytes += kept.size

    def _forget(self, now: float) -> None:
        while (key := self._oldest_sent()) is not None:
            kept = self._kept[key]
            is_full = len(self._kept) >= _MOST_ANSWERS or self._bytes > _MOST_BYTES
            if now - kept.at < self._kept_s and not is_full:
                return
            del self._kept[key]
            self._bytes -= kept.size

    def _oldest_sent(self) -> Key | None:
        """Few are under way at once: this looks at few."""
        return next((key for key, kept in self._kept.items() if kept.sent is not None), None)


def fingerprint_of(method: str, path: str, body: bytes) -> str:
    """Whether a request is the same, without keeping what was in it."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()
