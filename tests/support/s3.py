"""Storage that speaks S3's protocol, on loopback: moto's server."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.error import HTTPError, URLError

from monitor.mirrors.signature import Credentials, signed_headers
from monitor.runtime.system_clock import SystemClock
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports
from tests.support.require import require_server

CREDENTIALS = Credentials(access_key="test", secret_key="test", region="us-east-1")


@dataclass(frozen=True, slots=True)
class Storage:
    endpoint: str

    def ask(self, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
        """Signed; of an error its status and text."""
        host = self.endpoint.removeprefix("http://")
        headers = signed_headers(method, host, path, b"", CREDENTIALS, SystemClock().now())
        asked = urllib.request.Request(self.endpoint + path, headers=headers, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE_S) as answer:  # noqa: S310
                return answer.status, _lower(answer.headers.items()), answer.read()
        except HTTPError as error:
            with error:
                return error.code, _lower(error.headers.items()), error.read()


def _lower(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers}


@contextmanager
def storage(bucket: str) -> Iterator[Storage]:
    """With an empty bucket in it."""
    binary = require_server("moto_server", "mirrors in storage that speaks S3's protocol")
    (port,) = free_ports(1)
    process = subprocess.Popen(
        [str(binary), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        made = Storage(f"http://127.0.0.1:{port}")
        _wait(made, bucket)
        yield made
    finally:
        process.kill()
        process.wait()


def _wait(made: Storage, bucket: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            status, _, said = made.ask("PUT", f"/{bucket}")
        except (URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
            continue
        assert status == 200, said
        return
