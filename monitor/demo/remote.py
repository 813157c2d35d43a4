"""Commands for the running servers of the demonstration, from another process."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from monitor.demo.servers_process import SOCKET


class ServersError(Exception):
    """The servers are not there, or refuse the command; the message says which."""


def command(folder: Path, line: str) -> dict[str, Any]:
    """Send one command; the servers' status afterwards."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
            wire.settimeout(10)
            wire.connect(str(folder / SOCKET))
            wire.sendall(line.encode() + b"\n")
            answer = json.loads(wire.makefile("rb").readline())
    except (OSError, ValueError) as error:
        raise ServersError(
            f"no demonstration is running in {folder}; start it with: estado demo start"
        ) from error
    if not answer["ok"]:
        raise ServersError(str(answer["error"]))
    servers: dict[str, Any] = answer["servers"]
    return servers
