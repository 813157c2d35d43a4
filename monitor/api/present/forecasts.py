"""What the month under way will come to, computed beside the requests and kept for a minute."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from credits.forecast.alike import Contracts
from credits.forecast.forecast import Forecast, present_forecast
from monitor.runtime.rest import Rest

if TYPE_CHECKING:
    from monitor.api.ports import Backend

_FRESH_S = 60.0
_OLD_S = 300.0
"""So old may be what is shown while it is computed anew; who asks after that waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    found: Forecast
    computed_at: float


class Forecasts:
    """With a hundred thousand contracts the first one takes many seconds, and those after it a
    moment: the contracts are counted once, and again when they change. A thread of its own does it,
    once for all who ask, and rests as long as it works. Threads may share it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="forecasts")
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._contracts: Contracts | None = None
        self._kept: _Kept | None = None
        self._computing: Future[Forecast] | None = None

    def present(self, backend: Backend) -> Future[Forecast]:
        """Done already where one of the last minutes is at hand. The future raises JournalError, or
        Closed."""
        kept = self._kept
        age = None if kept is None else backend.clock.boottime() - kept.computed_at
        is_of_now = kept is not None and backend.clock.now() in kept.found.month
        if age is None or kept is None or not is_of_now or not 0 <= age < _FRESH_S:
            computing = self._begin(backend)
            if age is None or kept is None or not is_of_now or not 0 <= age < _OLD_S:
                return computing
        done: Future[Forecast] = Future()
        done.set_result(kept.found)
        return done

    def close(self) -> None:
        self._closed.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, backend: Backend) -> Future[Forecast]:
        with self._lock:
            if self._computing is None or self._computing.done():
                self._computing = self._pool.submit(partial(self._compute, backend))
            return self._computing

    def _compute(self, backend: Backend) -> Forecast:
        began = backend.clock.boottime()
        found, self._contracts = present_forecast(
            backend.reading, backend.source.catalogues(), backend.clock.now(), self._contracts,
            Rest(self._closed).take,
        )  # fmt: skip
        self._kept = _Kept(found=found, computed_at=began)
        return found
