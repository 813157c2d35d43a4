"""A real caching resolver (Unbound) that asks one server above it for everything."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports
from tests.support.require import require_server

_ATTEMPTS = 5
_CONFIG = """
server:
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    interface: 127.0.0.1@{port}
    do-not-query-localhost: no
    module-config: "iterator"
    local-zone: "test." nodefault
    num-threads: 1
    serve-expired: yes
remote-control:
    control-enable: no
forward-zone:
    name: "."
    forward-addr: 127.0.0.1@{upstream}
"""


@contextmanager
def running_unbound(folder: Path, upstream: int) -> Iterator[int]:
    """Its port. What it has once heard it keeps, and gives out also when it is old."""
    binary = require_server("unbound", "a warm cache before a dead uplink")
    config, log = folder / "unbound.conf", folder / "unbound.log"
    for _ in range(_ATTEMPTS):
        (port,) = free_ports(1)
        config.write_text(_CONFIG.format(folder=folder, port=port, upstream=upstream), "utf-8")
        with log.open("wb") as out:
            process = subprocess.Popen([binary, "-d", "-c", config], stdout=out, stderr=out)
        if _has_started(process, log):
            break
    else:
        raise RuntimeError(f"unbound did not start: {log.read_text('utf-8')}")
    try:
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _has_started(process: subprocess.Popen[bytes], log: Path) -> bool:
    """Whether it says so before it ends or ten seconds have gone."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if "start of service" in log.read_text("utf-8", "replace"):
            return True
        time.sleep(0.02)
    if process.poll() is None:
        process.terminate()
    process.wait(PATIENCE_S)
    return False
