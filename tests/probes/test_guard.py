"""With default settings, nothing that a public target says leads a probe inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.support.require import require_server


def test_it_is_never_led_inside() -> None:
    unshare = require_server("unshare", "the address guard in a network of its own")
    require_server("ip", "the address guard in a network of its own")
    flags = "-n" if os.geteuid() == 0 else "-rn"
    done = subprocess.run(
        [unshare, flags, sys.executable, "-m", "tests.probes.guard_scene"],
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "redirect": ["address_refused", 0],
        "redirect to metadata": ["address_refused", 0],
        "redirect to mapped IPv6": ["address_refused", 0],
        "redirect to loopback": ["address_refused", 0],
        "redirect to a name": ["address_refused", 0],
        "rebinding": ["address_refused", 0],
        "playlist": ["address_refused", 0],
        "allowed by CIDR": [None, 1],
        "named by a person": [None, 1],
    }
