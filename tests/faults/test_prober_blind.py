"""Proof of the gate on a machine whose only link is down: nothing is called down."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

from monitor.catalogues.file import write_catalogues
from monitor.domain.catalogue import Check, ConnectivitySettings
from probes.tcp import TcpSpec
from tests.faults.prober_process import logged, running_prober
from tests.support.catalogues import a_check, a_revision
from tests.support.require import require, require_server

INTERVALS = 5
ROW = 4


def a_look(name: str, host: str, gate: str | None) -> Check:
    return a_check(name, interval=1, kind="tcp", spec=TcpSpec(host=host, port=9), gate=gate)


def test_it_calls_nothing_down_while_its_own_line_is_cut(tmp_path: Path) -> None:
    unshare = require_server("unshare", "a monitor whose line is cut")
    require_server("ip", "a monitor whose line is cut")
    can = subprocess.run([unshare, "-n", "true"], capture_output=True, check=False)
    require(can.returncode == 0, "network namespaces", "a monitor whose line is cut")
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    checks = [
        a_look("ours-1", "198.51.100.7", "line"),
        a_look("ours-2", "2001:db8::7", "line"),
        a_look("ungated", "198.51.100.8", None),
        a_look("loopback", "127.0.0.1", None),
    ]
    line = ConnectivitySettings(id="line", targets=("192.0.2.1:53", "192.0.2.2:53"))
    write_catalogues(data_dir / "catalogue.json", [a_revision(checks, gates=(line,))])
    up = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    with running_prober(data_dir, prefix=[str(unshare), "-n", *up]) as prober:
        prober.ledger.wait_for(ROW * INTERVALS)
    seen = Counter((r.check, r.outcome.value, r.failure) for r in logged(data_dir))
    assert {key for key in seen if key[0].startswith("ours")} == {
        ("ours-1", "unknown", "no_network"),
        ("ours-2", "unknown", "no_network"),
    }
    assert {key[1] for key in seen if not key[0].startswith("ours")} == {"down"}
    assert min(seen.values()) >= INTERVALS - 2
