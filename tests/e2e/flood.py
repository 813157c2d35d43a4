"""Requests to one URL as fast as eight connections go, for so many seconds: `flood URL SECONDS`."""

from __future__ import annotations

import http.client
import sys
import threading
import time
from urllib.parse import urlsplit


def flood(host: str, port: int, path: str, ends: float) -> None:
    wire = http.client.HTTPConnection(host, port, timeout=5)
    while time.monotonic() < ends:
        wire.request("GET", path)
        answer = wire.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"status {answer.status}")


def main() -> None:
    parts = urlsplit(sys.argv[1])
    ends = time.monotonic() + float(sys.argv[2])
    where = (parts.hostname or "", parts.port or 80, parts.path, ends)
    threads = [threading.Thread(target=flood, args=where) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
