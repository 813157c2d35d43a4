"""With default settings, nothing that a public target says leads a probe inside."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from tests.probes.guard_scene import WAYS
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
    seen = json.loads(done.stdout)
    followed = {"allowed by CIDR", "named by a person", "private to its like"}
    # A name may resolve to such an address here alone: nothing is said of the target.
    by_name = {"redirect to a name", "rebinding"}
    assert seen.keys() == WAYS.keys() | followed | {"playlist", "segment", "mount"}
    assert all(seen.pop(case) == ["up", None, 1] for case in followed)
    assert all(seen.pop(case) == ["unknown", "address_refused", 0] for case in by_name)
    # What stands in a URI is read by every visitor as by us.
    assert {
        case: found for case, found in seen.items() if found != ["down", "leads_nowhere", 0]
    } == {}
