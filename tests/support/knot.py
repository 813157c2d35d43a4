"""A real authoritative name server (Knot), UDP and TCP on one port."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.patience import PATIENCE_S
from tests.support.ports import free_ports, is_open
from tests.support.require import require_server

_ATTEMPTS = 5
_CONFIG = """
server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
log:
  - target: stderr
    any: info
database:
    storage: "{folder}"
zone:
  - domain: radio.test
    file: "{folder}/radio.zone"
  - domain: broken.test
    file: "{folder}/there-is-no-such.zone"
"""
_ZONE = """
$ORIGIN radio.test.
$TTL 60
@      SOA ns1 hostmaster 2024010101 3600 600 86400 60
@      NS  ns1
@      MX  10 mail
@      TXT "v=spf1 mx -all"
ns1    A   127.0.0.1
mail   A   192.0.2.25
www    A   192.0.2.80
www    A   192.0.2.81
www    AAAA 2001:db8::80
alias  CNAME www
long   TXT "v=DKIM1; p=first" "second"
child  NS  ns1.child
ns1.child A 192.0.2.53
"""
_BIG = "".join(f'big TXT "{number:03} {"x" * 200}"\n' for number in range(20))


@dataclass(frozen=True, slots=True, kw_only=True)
class Knot:
    """Serves `radio.test`; delegates `child.radio.test`; `broken.test` did not load (SERVFAIL);
    refuses the rest. `big.radio.test TXT` fits no datagram."""

    port: int


@contextmanager
def running_knot(folder: Path) -> Iterator[Knot]:
    """A knotd of its own in an empty folder, ended on leaving."""
    binary = require_server("knotd", "DNS against a real authoritative server")
    (folder / "radio.zone").write_text(_ZONE + _BIG, "utf-8")
    config, log = folder / "knot.conf", folder / "knot.log"
    for _ in range(_ATTEMPTS):
        (port,) = free_ports(1)
        config.write_text(_CONFIG.format(folder=folder, port=port), "utf-8")
        with log.open("wb") as out:
            process = subprocess.Popen([binary, "-c", config], stdout=out, stderr=out)
        if _is_up(process, port):
            break
    else:
        raise RuntimeError(f"knotd did not start: {log.read_text('utf-8')}")
    try:
        yield Knot(port=port)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _is_up(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether the port answers before the process ends or ten seconds have gone."""
    until = time.monotonic() + PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        if is_open(port):
            return True
        time.sleep(0.02)
    if process.poll() is None:
        process.terminate()
    process.wait(PATIENCE_S)
    return False
