"""The session of a check run: deadline, phases, evidence, and what the transcript may show."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from time import monotonic
from types import TracebackType
from typing import Any, TypeVar

from monitor.domain.checks.observation import Json
from monitor.domain.checks.probe import Context
from monitor.domain.secret import MASK
from monitor.net.coroutine_driver import CoroutineDriver, Waitable
from monitor.net.errors import TooSlow, of_deadline, of_os_error
from monitor.net.poller import poller_of
from monitor.net.tls.certificate import ReliedCertificate

T = TypeVar("T")
_EARLY_S = 0.001
"""How coarse a loop's timers are."""
_MOST_GIVEN_BACK_S = 5.0
"""How far stalls may put off a session's own timer. A caller that sets `Context.at_deadline` must
end the run itself."""
FLOWING_SHARE = 0.25
"""Bytes in the last quarter of the time count as still flowing when the deadline strikes."""


class Session:
    """Everything that the connections of one check run share. Use it as a context manager.

        with transport.run(context) as session:
            connection = await transport.connect(session, "example.com", 80)
            session.enter("processing")

    One deadline holds for the whole run. The caller signals it (`Context.at_deadline`), or else a
    timer of the session does. At the deadline, data that is ready in sockets is read first; then
    the pending wait raises the ProbeFailure of the running phase. A run waits for one thing at a
    time.

    Moments (`deadline`, `until`) are on the session's own clock, `now`: the monotonic clock without
    the time in which the process stood still. So the time that a stall took is given back.
    """

    __slots__ = (
        "_at_deadline",
        "_driven",
        "_expired",
        "_hidden",
        "_lost_before_s",
        "_phase",
        "_received_at",
        "_since",
        "_stalled_s",
        "_started",
        "_timer",
        "_transcript",
        "_waiting",
        "deadline",
        "evidence",
        "loop",
        "memory",
        "phases_ms",
        "poller",
        "relied_on",
        "resolved",
    )

    def __init__(self, context: Context) -> None:
        self.loop = asyncio.get_running_loop()
        self.deadline = context.deadline
        self.phases_ms: dict[str, float] = {}
        self.evidence: dict[str, Json] = {}
        self.resolved: Mapping[str, Json] = {}
        """Which of our name servers found the last name, and what: evidence for a failure."""
        self.memory: bytes | None = None
        """The probe state for the next run of this check; the previous run's is in the context."""
        self.relied_on: list[ReliedCertificate] = []
        """Each certificate that a handshake of this run relied on."""
        self._at_deadline = context.at_deadline
        self._stalled_s = context.stalled_s or _never
        self._lost_before_s = self._stalled_s()
        self._transcript = context.transcript
        self._hidden: tuple[str, ...] = ()
        self._phase = ""
        self._started = self._since = monotonic()
        self._received_at = float("-inf")
        self._expired = False
        self._waiting: Waitable | None = None
        self._driven: CoroutineDriver[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Session:
        self.poller = poller_of(self.loop)
        self.poller.hold()
        if self._at_deadline is not None:
            self._at_deadline(self._expire)
        else:
            self._timer = self.loop.call_at(self.deadline, self._strike)
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
        # Each of them holds what the run has received, and this session.
        self._waiting = self._driven = None
        self.poller.release()

    def drive(self, conversation: Coroutine[Any, None, T]) -> asyncio.Future[T]:
        """Begin a conversation that awaits only waits of this session. Returns its future.
        Without `drive`, in a task, the same waits suspend that task."""
        driver: CoroutineDriver[T] = CoroutineDriver(loop=self.loop)
        self._driven = driver
        driver.begin(conversation)
        return driver

    # Phases

    def enter(self, phase: str) -> None:
        """End the running phase and begin this one. Times of a phase entered twice are added."""
        now = monotonic()
        if self._phase:
            spent = self.phases_ms.get(self._phase, 0.0) + (now - self._since) * 1000
            # Whole microseconds, as `round(spent, 3)` gives at five times the cost.
            self.phases_ms[self._phase] = int(spent * 1000 + 0.5) / 1000
        self._phase = phase
        self._since = now

    def leave(self) -> None:
        """End the running phase; the time that follows counts in no phase."""
        if self._phase:
            self.enter("")

    def forget_phase(self) -> None:
        """Drop the running phase: it did not happen after all."""
        self._phase = ""

    # Time

    def now(self) -> float:
        """Monotonic seconds, without those in which the process stood still during the run."""
        return monotonic() - (self._stalled_s() - self._lost_before_s)

    @property
    def left_s(self) -> float:
        return max(0.0, self.deadline - self.now())

    def flowed(self) -> None:
        """Note that bytes of the target came just now."""
        self._received_at = monotonic()

    async def ready(self, fd: int, event: int, until: float | None = None) -> None:
        """Wait until the descriptor may be read or written (`poller.READ`, `WRITE`), or is broken.

        Raises the ProbeFailure of the phase at the deadline, TooSlow at `until` (on the clock of
        `now`) where that comes sooner. Callers must have the poller forget the descriptor before
        they close it.
        """
        waitable = self._wait()
        try:
            self.poller.watch(fd, event, waitable)
        except OSError as error:
            raise of_os_error(error, "watching a socket") from error
        if until is None:
            await waitable
        else:
            await self._end_by(waitable, until)

    async def ready_any(self, fds: Iterable[int], event: int, until: float) -> None:
        """As `ready`, for several descriptors: wait until one of them is. The caller finds out
        which one. Without descriptors it only lets time pass."""
        waitable = self._wait()
        try:
            for fd in fds:
                self.poller.watch(fd, event, waitable)
        except OSError as error:
            raise of_os_error(error, "watching a socket") from error
        await self._end_by(waitable, until)

    async def _end_by(self, waitable: Waitable, until: float) -> None:
        sooner = _Sooner(self, waitable, until)
        try:
            await waitable
        finally:
            sooner.cancel()

    async def sleep(self, seconds: float) -> None:
        """Let time pass, under the deadline."""
        waitable = self._wait()
        timer = self.loop.call_later(seconds, waitable.end)
        try:
            await waitable
        finally:
            timer.cancel()

    async def give_way(self) -> None:
        """Let other runs go on in the middle of this one's work: work whose length the target
        decides is done a slice at a time. Under the deadline."""
        await self.sleep(0)

    def _wait(self) -> Waitable:
        # Not by the clock: a late loop reads what is ready until the deadline strikes.
        if self._expired:
            raise self._timed_out()
        self._waiting = Waitable(self._driven)
        return self._waiting

    def _strike(self) -> None:
        """The session's own timer. Stalls put the deadline off."""
        left_s = min(self.left_s, self.deadline + _MOST_GIVEN_BACK_S - monotonic())
        if left_s > _EARLY_S:
            self._timer = self.loop.call_later(left_s, self._strike)
        else:
            self._expire()

    def _expire(self) -> None:
        self.poller.drain()
        self._expired = True
        if self._waiting is not None:
            self._waiting.end(self._timed_out())

    def _timed_out(self) -> Exception:
        # Bytes that came before this phase began say nothing about it.
        since = max(self._since, self.deadline - FLOWING_SHARE * (self.deadline - self._started))
        return of_deadline(self._phase, flowing=self._received_at >= since)

    # Transcript

    @property
    def is_shown(self) -> bool:
        """Whether there is a transcript; without one, nothing needs to be formatted."""
        return self._transcript is not None

    def hide(self, secret: str) -> None:
        """Mask this text from now on wherever it would be shown. Call it for encoded forms too."""
        if secret:
            self._hidden = (*self._hidden, secret)

    def masked(self, words: str) -> str:
        for secret in self._hidden:
            words = words.replace(secret, MASK)
        return words

    def masked_evidence(self, evidence: Mapping[str, Json]) -> Mapping[str, Json]:
        """The same evidence with hidden text masked: a target may send back what it was sent."""
        if not self._hidden:
            return evidence
        return {key: self._masked_json(value) for key, value in evidence.items()}

    def _masked_json(self, value: Json) -> Json:
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, Mapping):
            return {self.masked(key): self._masked_json(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._masked_json(item) for item in value]
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


class _Sooner:
    """A moment before the deadline at which a wait ends, unless what it waits for is ready."""

    __slots__ = ("_run", "_timer", "_until", "_wait")

    def __init__(self, session: Session, waitable: Waitable, until: float) -> None:
        self._run = session
        self._wait = waitable
        self._until = until
        self._timer = session.loop.call_later(until - session.now(), self._strike)

    def cancel(self) -> None:
        self._timer.cancel()

    def _strike(self) -> None:
        left_s = self._until - self._run.now()
        if left_s > _EARLY_S:
            self._timer = self._run.loop.call_later(left_s, self._strike)
            return
        self._run.poller.drain()
        self._wait.end(TooSlow())


def _never() -> float:
    return 0.0


def _text(words: str | bytes) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", "replace")
