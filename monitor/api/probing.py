"""Running a check now: how many at once, how often an account may, and how long one takes.

It is for people who look at a failure. The request names a check and nothing else, so that nobody
reaches by it what the configuration does not reach anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from monitor.api.requests.limits import RateLimit
from monitor.domain.checks.observation import CheckId
from monitor.domain.refusals import Refused
from monitor.domain.time.clock import Clock

AT_ONCE = 3
EACH_MINUTE = 10
MOST_S = 30.0
"""A check with a longer time-out is given so much: whoever asks waits for the answer, and servers
in front of this one give up after a minute."""
_WINDOW_S = 60.0
_BUSY_S = 5


class ProbePermits:
    """On the event loop alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rate = RateLimit(most=EACH_MINUTE, window_s=_WINDOW_S)
        self._running: set[CheckId] = set()

    @contextmanager
    def permit(self, account: str, check: CheckId) -> Iterator[None]:
        """For one run. Raises Refused where this check is run already, too many are, or the account
        has asked too often."""
        if check in self._running:
            raise Refused("probe.running", check=check, seconds=_BUSY_S)
        if len(self._running) >= AT_ONCE:
            raise Refused("probe.full", most=AT_ONCE, seconds=_BUSY_S)
        self._rate.take(account, self._clock.monotonic())
        self._running.add(check)
        try:
            yield
        finally:
            self._running.discard(check)
