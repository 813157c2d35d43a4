"""In a network namespace: a link to the outside that goes down for several intervals, and then
for a second again and again.

The world outside stands on the far end of a pair of virtual links, in the same namespace's own
second one: both the target and the gate's address are there. Run by `test_isolation`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from monitor.domain.checks.observation import Outcome
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import open_journal
from tests.e2e.flapping import wall
from tests.e2e.product import Product, config_text, free_port, until

OUTSIDE = "10.9.0.2"
_GATE = f"""connectivity:
  targets: ["{OUTSIDE}:7"]
  timeout: 500ms
alerts:
  line_hold: 3s
  routes:
    - id: ops
      via:
        - id: hook
          kind: webhook
          settings: {{url: "http://127.0.0.1:1/"}}
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def main() -> None:
    folder = Path(sys.argv[1])
    far = subprocess.Popen(["unshare", "-n", "sleep", "300"])
    time.sleep(0.5)
    ip("link", "set", "lo", "up")
    ip("link", "add", "here", "type", "veth", "peer", "name", "there")
    ip("link", "set", "there", "netns", str(far.pid))
    ip("addr", "add", "10.9.0.1/24", "dev", "here")
    ip("link", "set", "here", "up")
    inside = ["nsenter", "-t", str(far.pid), "-n"]
    subprocess.run([*inside, "ip", "addr", "add", f"{OUTSIDE}/24", "dev", "there"], check=True)
    subprocess.run([*inside, "ip", "link", "set", "there", "up"], check=True)
    listener = "import socket;s=[socket.create_server(('', p)) for p in (7, 80)];input()"
    world = subprocess.Popen([*inside, sys.executable, "-c", listener], stdin=subprocess.PIPE)
    config = folder / "services.yaml"
    page_port, ops_port = free_port(), free_port()
    config.write_text(
        config_text(
            {"away": f"{OUTSIDE}:80"}, page_port=page_port, ops_port=ops_port, extra=_GATE
        ).replace("probe: tcp", "gate: default, probe: tcp")
    )
    made = Product(folder=folder, config=config, page_port=page_port, ops_port=ops_port)
    try:
        made.start_all()
        made.wait_ready()
        until(
            lambda: made.metric('estado_component_status{component="away"}') == 1,
            within=15,
            what=f"away is up {made.tail()}",
        )
        ip("link", "set", "here", "down")
        until(lambda: made.metric("estado_core_blind") == 1, within=20, what="it says it is blind")
        time.sleep(5)
        assert made.api("incidents")["incidents"] == []
        ip("link", "set", "here", "up")
        for _ in range(3):
            time.sleep(1)
            ip("link", "set", "here", "down")
            time.sleep(1)
            ip("link", "set", "here", "up")
        until(lambda: made.metric("estado_core_blind") == 0, within=20, what="it sees again")
        judge(made)
    finally:
        made.stop_all()
        world.kill()
        far.kill()


def judge(made: Product) -> None:
    everything = Interval(Second(0), Second(int(wall()) + 10))
    url = f"sqlite:///{made.data / 'journal.db'}"
    with open_journal(url) as journal, journal.transaction() as tx:
        drawn = tx.transitions.drawing(everything)
        kinds = [c.kind for c in tx.changes.since(0, 1000)]
        incidents = tx.incidents.touching(everything)
    assert all(t.to is not Outcome.DOWN for found in drawn.values() for t in found), drawn
    assert incidents == ()
    assert kinds.count("monitor.blind") == 1, kinds
    assert kinds.count("monitor.sees") == 1, kinds


if __name__ == "__main__":
    main()
