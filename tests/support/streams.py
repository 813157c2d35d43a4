"""ffmpeg as the encoder that feeds a streaming server: a sine tone in real time, until ended."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.require import require_server
from tests.support.standstill import stop_and_wait


class Encoder:
    """A running encoder; `stopped()` freezes it as a hung one is, still connected."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Frozen within the block, going on after it."""
        stop_and_wait(self._process.pid)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None


@contextmanager
def running_encoder(output: list[str], log: Path, leaves_untested: str) -> Iterator[Encoder]:
    """ffmpeg playing a tone to `output` (its codec, format and address), ended on leaving."""
    binary = require_server("ffmpeg", leaves_untested)
    tone = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [binary, "-hide_banner", "-loglevel", "error", "-nostdin", *tone, *output],
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield Encoder(process)
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Let a server get ready. Raises RuntimeError where it does not."""
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        if time.monotonic() > until:
            raise RuntimeError(f"not ready: {what}")
        time.sleep(0.02)
