"""`estado` as a shell asks it what a word may become: started as a module, with the shell's
variables."""

from __future__ import annotations

import sys

# What a command imports once it is asked for its ids: a fork has it in memory.
import monitor.api.table
import monitor.journal.access  # noqa: F401
from monitor.cli import main
from monitor.cli.completing import ids

if __name__ == "__main__":
    # A machine that is busy takes longer: what is offered is tested here, not how fast.
    ids.LIMIT_S, sys.argv = 30.0, ["estado"]
    # A module that is run is called after its package; the script is called `estado`.
    sys.modules["__main__"].__package__ = None
    main()
