"""One look's time: its deadline, its phases, its evidence, and what may be shown of the wire."""

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
from monitor.net.tls.certificate import Relied

T = TypeVar("T")
_EARLY_S = 0.001
"""A loop's timers are that coarse."""
_MOST_GIVEN_BACK_S = 5.0
"""So much may stalls put a timer of the run's own off; whoever tells a run its deadline sees to its
end himself."""
FLOWING_SHARE = 0.25
"""Bytes in the last quarter of the time count as still flowing when the deadline strikes."""


class Session:
    """Everything that the connections of one look share. Use it as a context manager.

        with transport.run(context) as run:
            connection = await transport.connect(run, "example.com", 80)
            run.enter("processing")

    One deadline serves the whole look, told by whoever looks (`Context.at_deadline`) or by a timer
    of its own: when it comes, what lies ready in sockets is read first, then the pending wait
    raises the Fault of the phase that is running. A look waits for one thing at a time.

    Moments (`deadline`, `until`) are on the run's own clock, `now`: the monotonic one, which stands
    while the process does. So the time that a stall took is given back.
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
        """Which of our name servers found the last name, and what: the evidence of a failure."""
        self.memory: bytes | None = None
        """What the next run of this check is to have; the former run's is in the context."""
        self.relied_on: list[Relied] = []
        """Each certificate that a handshake of this look stood on."""
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
        # Each holds what the look has received, and this run.
        self._waiting = self._driven = None
        self.poller.release()

    def drive(self, conversation: Coroutine[Any, None, T]) -> asyncio.Future[T]:
        """Begin a conversation that awaits this run's waits and nothing else; what it returns.
        Without it, in a task, the same waits are that task's."""
        driven: CoroutineDriver[T] = CoroutineDriver(loop=self.loop)
        self._driven = driven
        driven.begin(conversation)
        return driven

    # Phases

    def enter(self, phase: str) -> None:
        """The running phase ends and this one begins; a phase entered twice adds up."""
        now = monotonic()
        if self._phase:
            spent = self.phases_ms.get(self._phase, 0.0) + (now - self._since) * 1000
            # Whole microseconds, as `round(spent, 3)` would at five times the cost.
            self.phases_ms[self._phase] = int(spent * 1000 + 0.5) / 1000
        self._phase = phase
        self._since = now

    def leave(self) -> None:
        """The running phase ends; what follows is counted nowhere."""
        if self._phase:
            self.enter("")

    def forget_phase(self) -> None:
        """The running phase did not happen after all."""
        self._phase = ""

    # Time

    def now(self) -> float:
        """Monotonic seconds, without those in which the process stood still during the run."""
        return monotonic() - (self._stalled_s() - self._lost_before_s)

    @property
    def left_s(self) -> float:
        return max(0.0, self.deadline - self.now())

    def flowed(self) -> None:
        """Bytes of the target's came just now."""
        self._received_at = monotonic()

    async def ready(self, fd: int, event: int, until: float | None = None) -> None:
        """Until the descriptor may be read or written (`poller.READ`, `WRITE`), or is broken.

        Raises the Fault of the phase at the deadline, TooSlow at `until` (as `now` has it) where
        that comes sooner.
        Whoever closes the descriptor has the poller forget it first.
        """
        wait = self._wait()
        try:
            self.poller.watch(fd, event, wait)
        except OSError as error:
            raise of_os_error(error, "watching a socket") from error
        if until is None:
            await wait
        else:
            await self._end_by(wait, until)

    async def ready_any(self, fds: Iterable[int], event: int, until: float) -> None:
        """As `ready`, of several descriptors: until one of them is, which one is for the caller
        to see. With none it lets time pass."""
        wait = self._wait()
        try:
            for fd in fds:
                self.poller.watch(fd, event, wait)
        except OSError as error:
            raise of_os_error(error, "watching a socket") from error
        await self._end_by(wait, until)

    async def _end_by(self, wait: Waitable, until: float) -> None:
        sooner = _Sooner(self, wait, until)
        try:
            await wait
        finally:
            sooner.cancel()

    async def sleep(self, seconds: float) -> None:
        """Let time pass, under the deadline."""
        wait = self._wait()
        timer = self.loop.call_later(seconds, wait.end)
        try:
            await wait
        finally:
            timer.cancel()

    async def give_way(self) -> None:
        """Let everybody else go on, in the middle of work of one's own: what a target may make as
        long as it likes is done a slice at a time. Under the deadline."""
        await self.sleep(0)

    def _wait(self) -> Waitable:
        # Not by the clock: whoever comes round late reads what is ready until the deadline strikes.
        if self._expired:
            raise self._timed_out()
        self._waiting = Waitable(self._driven)
        return self._waiting

    def _strike(self) -> None:
        """The run's own timer: a stall has put the deadline off."""
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


class _Sooner:
    """A moment of the run's at which a wait ends for good, unless what it waits for is ready."""

    __slots__ = ("_run", "_timer", "_until", "_wait")

    def __init__(self, run: Session, wait: Waitable, until: float) -> None:
        self._run = run
        self._wait = wait
        self._until = until
        self._timer = run.loop.call_later(until - run.now(), self._strike)

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
