"""One look's time: its deadline, its phases, its evidence, and what may be shown of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Any, TypeVar

from monitor.domain.observation import Json
from monitor.domain.secret import MASK
from monitor.net.faults import TooSlow, of_deadline
from monitor.net.poller import poller_of
from monitor.ports.probe import Context

T = TypeVar("T")
FLOWING_SHARE = 0.25
"""Bytes in the last quarter of the time count as still flowing when the deadline strikes."""


class Run:
    """Everything that the connections of one look share. Use it as a context manager.

        with transport.run(context) as run:
            connection = await transport.connect(run, "example.com", 80)
            run.enter("processing")

    One timer serves the whole look: when the deadline comes, the pending `wait` raises the Fault
    of the phase that is running then. A look waits for one thing at a time.
    """

    __slots__ = (
        "_expired",
        "_hidden",
        "_phase",
        "_received_at",
        "_since",
        "_started",
        "_timer",
        "_transcript",
        "_waiter",
        "deadline",
        "evidence",
        "loop",
        "memory",
        "phases_ms",
        "poller",
    )

    def __init__(self, context: Context) -> None:
        self.loop = asyncio.get_running_loop()
        self.deadline = context.deadline
        self.phases_ms: dict[str, float] = {}
        self.evidence: dict[str, Json] = {}
        self.memory: bytes | None = None
        """What the next run of this check is to have; the former run's is in the context."""
        self._transcript = context.transcript
        self._hidden: tuple[str, ...] = ()
        self._phase = ""
        self._started = self._since = monotonic()
        self._received_at = float("-inf")
        self._expired = False
        self._waiter: asyncio.Future[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Run:
        self.poller = poller_of(self.loop)
        self.poller.hold()
        self._timer = self.loop.call_at(self.deadline, self._expire)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        if self._timer is not None:
            self._timer.cancel()
        self.poller.release()

    # Phases

    def enter(self, phase: str) -> None:
        """The running phase ends and this one begins; a phase entered twice adds up."""
        now = monotonic()
        self._close_phase(now)
        self._phase = phase

    def leave(self) -> None:
        """The running phase ends; what follows is counted nowhere."""
        self._close_phase(monotonic())
        self._phase = ""

    def forget_phase(self) -> None:
        """The running phase did not happen after all."""
        self._phase = ""

    def _close_phase(self, now: float) -> None:
        if self._phase:
            spent = (now - self._since) * 1000
            self.phases_ms[self._phase] = self.phases_ms.get(self._phase, 0.0) + spent
        self._since = now

    # Time

    @property
    def left_s(self) -> float:
        return max(0.0, self.deadline - monotonic())

    def flowed(self) -> None:
        """Bytes of the target's came just now."""
        self._received_at = monotonic()

    async def wait(self, waiter: asyncio.Future[T], until: float | None = None) -> T:
        """What the future gives. Raises the Fault of the phase at the deadline, TooSlow at
        `until` where that comes sooner."""
        if self._expired or monotonic() >= self.deadline:
            raise self._timed_out()
        self._waiter = waiter
        sooner = None if until is None else self.loop.call_at(until, _give_up, waiter)
        try:
            return await waiter
        finally:
            self._waiter = None
            if sooner is not None:
                sooner.cancel()

    async def ready(self, fd: int, event: int, until: float | None = None) -> None:
        """Until the descriptor may be read or written (`poller.READ`, `WRITE`), or is broken; as
        `wait`. Whoever closes it has the poller forget it first."""
        waiter: asyncio.Future[None] = self.loop.create_future()
        self.poller.watch(fd, event, waiter)
        await self.wait(waiter, until)

    async def sleep(self, seconds: float) -> None:
        """Let time pass, under the deadline."""
        waiter: asyncio.Future[None] = self.loop.create_future()
        timer = self.loop.call_later(seconds, _finish, waiter)
        try:
            await self.wait(waiter)
        finally:
            timer.cancel()

    def _expire(self) -> None:
        self._expired = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(self._timed_out())

    def _timed_out(self) -> Exception:
        # Bytes that came before this phase began say nothing about it.
        since = max(self._since, self.deadline - FLOWING_SHARE * (self.deadline - self._started))
        return of_deadline(self._phase, flowing=self._received_at >= since)

    # Transcript

    @property
    def is_shown(self) -> bool:
        """Whether anybody reads along; where not, nothing needs to be formatted."""
        return self._transcript is not None

    def hide(self, secret: str) -> None:
        """Mask this text from now on wherever it would be shown. Name each encoded form too."""
        if secret:
            self._hidden = (*self._hidden, secret)

    def masked(self, words: str) -> str:
        for secret in self._hidden:
            words = words.replace(secret, MASK)
        return words

    def masked_evidence(self, evidence: Mapping[str, Json]) -> Mapping[str, Json]:
        """The same with what is hidden masked: a target may give back what it was sent."""
        if not self._hidden:
            return evidence
        return {key: self._masked_json(value) for key, value in evidence.items()}

    def _masked_json(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, Mapping):
            return {self.masked(key): self._masked_json(held) for key, held in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked_json(held) for held in value]
        return value

    def show_sent(self, words: str | bytes) -> None:
        if self._transcript is not None:
            self._transcript.sent(self.masked(_text(words)))

    def show_received(self, words: str | bytes) -> None:
        if self._transcript is not None:
            self._transcript.received(self.masked(_text(words)))

    def note(self, words: str) -> None:
        if self._transcript is not None:
            self._transcript.note(self.masked(words))


def _text(words: str | bytes) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")


def _give_up(waiter: asyncio.Future[Any]) -> None:
    if not waiter.done():
        waiter.set_exception(TooSlow())


def _finish(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
