"""A process that tells what it was given, and ends with 7."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from monitor.runtime.kill_points import reached

if __name__ == "__main__":
    reached("told")
    told = {
        "arguments": sys.argv[1:],
        "line": sys.orig_argv[1:],
        "folder": str(Path.cwd()),
        "variable": os.environ.get("ESTADO_TOLD"),
        "variables": len(os.environ),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "group": os.getpgid(0),
        "descriptors": sorted(int(p.name) for p in Path("/proc/self/fd").iterdir() if p.exists()),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    # Both go to one file: it is kept back in a buffer otherwise, unless the environment says no.
    sys.stdout.flush()
    sys.stderr.write("and this\n")
    raise SystemExit(7)
