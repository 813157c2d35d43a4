"""Composition roots, one a role; nothing else knows a concrete class."""

import sys

if any(told.startswith(f"{__name__}.") for told in sys.orig_argv):
    # A role's own process: structlog would bring rich along for pictures of tracebacks, which
    # nobody sees in a log, at 5 MiB a role.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
