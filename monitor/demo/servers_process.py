"""Every server of the demonstration in one process, broken and mended by a line on a socket.

A control socket in the demo's folder takes `break NAME FAULT`, `mend NAME`, `status`, and
answers one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from monitor.demo.certificates import make_certificates
from monitor.demo.faults import DemoServer, Diary, Fault
from monitor.demo.scenario import HOST, PORTS
from monitor.demo.servers import (
    Beacon,
    ImapServer,
    NameServer,
    RadioServer,
    SmtpServer,
    WebServer,
)
from monitor.domain.time.calendar import at_zone
from monitor.runtime.system_clock import SystemClock

SOCKET = "stage.sock"
DIARY = "diary.jsonl"


def build_servers(folder: Path) -> dict[str, DemoServer]:
    """All of them, by the name under which they are broken."""
    diary = Diary(folder / DIARY)
    now = at_zone(SystemClock().now(), ZoneInfo("UTC"))
    certificates = make_certificates(folder / "tls", HOST, now)
    servers: list[DemoServer] = [
        WebServer("web", HOST, PORTS["web"], diary, certificates.contexts()),
        NameServer("dns", HOST, PORTS["dns"], diary),
        SmtpServer("mail", HOST, PORTS["mail"], diary),
        ImapServer("imap", HOST, PORTS["imap"], diary),
        RadioServer("radio", HOST, PORTS["radio"], diary),
    ]
    by_name = {server.name: server for server in servers}
    beacon = Beacon("beacon", HOST, PORTS["beacon"], diary)
    by_name["network"] = Network(beacon, list(servers))
    return by_name


class Network:
    """The line of the monitor itself. While it is cut, everything is out of reach, the world
    outside too."""

    name = "network"
    faults: ClassVar[tuple[Fault, ...]] = (Fault.REFUSE,)

    def __init__(self, beacon: DemoServer, rest: list[DemoServer]) -> None:
        self.fault: Fault | None = None
        self._beacon = beacon
        self._rest = rest

    async def start(self) -> None:
        await self._beacon.start()

    async def stop(self) -> None:
        await self._beacon.stop()

    async def break_(self, fault: Fault) -> None:
        if fault is not Fault.REFUSE:
            raise ValueError("the network can only be cut: refuse")
        await self._beacon.break_(fault)
        for server in self._rest:
            await server.break_(fault)
        self.fault = fault

    async def mend(self) -> None:
        await self._beacon.mend()
        for server in self._rest:
            await server.mend()
        self.fault = None


class DemoServers:
    def __init__(self, servers: Mapping[str, DemoServer]) -> None:
        self._servers = servers

    async def obey(self, line: str) -> dict[str, object]:
        """Do one command; `{"ok": false, "error": ...}` where it cannot be done."""
        verb, *words = line.split()
        try:
            if verb == "status":
                return {"ok": True, "servers": self._status()}
            server = self._named(words[0])
            if verb == "break":
                await server.break_(Fault(words[1]))
            elif verb == "mend":
                await server.mend()
            else:
                raise ValueError(f"unknown command {verb}")
        except (ValueError, IndexError) as error:
            return {"ok": False, "error": str(error)}
        return {"ok": True, "servers": self._status()}

    def _named(self, name: str) -> DemoServer:
        if name not in self._servers:
            raise ValueError(f"no server {name!r}; there are: {', '.join(self._servers)}")
        return self._servers[name]

    def _status(self) -> dict[str, object]:
        return {
            name: {"fault": getattr(server, "fault", None), "can": list(server.faults)}
            for name, server in self._servers.items()
        }


async def run_servers(folder: Path) -> None:
    """Serve until SIGTERM."""
    servers = build_servers(folder)
    demo_servers = DemoServers(servers)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stop.set)
    for server in servers.values():
        await server.start()

    async def control(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = (await reader.readline()).decode().strip()
        answer = await demo_servers.obey(line) if line else {"ok": False, "error": "say a command"}
        writer.write(json.dumps(answer).encode() + b"\n")
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()

    socket = folder / SOCKET
    socket.unlink(missing_ok=True)
    listener = await asyncio.start_unix_server(control, str(socket))
    async with listener:
        await stop.wait()
    for server in servers.values():
        await server.stop()
    socket.unlink(missing_ok=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(run_servers(given.folder))


if __name__ == "__main__":
    main()
