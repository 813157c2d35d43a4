"""How a role's process begins: its arguments, its log, a data folder that it can use."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from monitor.catalogues.file import CatalogueUnreadable, read_catalogues
from monitor.catalogues.in_force import Catalogues
from monitor.roles.exit_codes import EXIT_CANNOT_RUN
from monitor.roles.preflight import Unusable, ready_folder
from monitor.roles.settings import catalogue_file
from monitor.runtime.processes.process import accept_interrupts

_PRIVATE = 0o027
"""Of new files: for their owner to write, for the group to read."""
_POLL_CATALOGUE_S = 0.2


def role_parser(role: str, *, needs_config: bool = False) -> argparse.ArgumentParser:
    """The arguments of every role. Only the core reads the configuration's file."""
    parser = argparse.ArgumentParser(prog=f"estado run --role {role}")
    words = None if needs_config else "read by the core, which compiles it"
    parser.add_argument("--config", type=Path, required=needs_config, help=words)
    parser.add_argument("--data-dir", type=Path, required=True)
    return parser


def begin_role(
    parser: argparse.ArgumentParser, argv: list[str] | None, configure_log: Callable[[], None]
) -> argparse.Namespace:
    """The arguments, once the data folder is ready; else the process ends with the reason."""
    accept_interrupts()
    given = parser.parse_args(argv)
    os.umask(_PRIVATE)
    configure_log()
    try:
        ready_folder(given.data_dir)
    except Unusable as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(EXIT_CANNOT_RUN) from error
    return given


def wait_for_catalogues(data_dir: Path, sleep: Callable[[float], None] = time.sleep) -> Catalogues:
    """The core's compiled catalogue; waits for the first one."""
    while True:
        try:
            return Catalogues(read_catalogues(catalogue_file(data_dir)))
        except CatalogueUnreadable:
            # Not there yet, or of another version until its core replaces it.
            sleep(_POLL_CATALOGUE_S)
