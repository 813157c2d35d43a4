"""Composition roots, one for each role; nothing else knows a concrete class."""

import sys

if any(argument.startswith(f"{__name__}.") for argument in sys.orig_argv):
    # In a role's own process structlog would import rich, at 5 MiB a role, to draw tracebacks that
    # nobody sees in a log.
    sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
