"""Limits on tries hold for threads side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from monitor.accounts.sign_in.throttle import PAIR, Throttle

_THREADS = 16


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """They take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_tries_side_by_side_are_counted_each() -> None:
    with ThreadPoolExecutor(_THREADS) as pool:
        for n in range(200):
            throttle, start = Throttle(), Barrier(_THREADS)

            def free(_: int, throttle: Throttle = throttle, start: Barrier = start) -> bool:
                start.wait()
                return throttle.take("ana", "192.0.2.7", 0.0, is_known=False) == 0

            assert sum(pool.map(free, range(_THREADS))) == PAIR.most, n
