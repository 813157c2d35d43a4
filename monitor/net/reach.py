"""Whether an address takes a connection: the connectivity gate's look."""

from __future__ import annotations

from time import monotonic

from monitor.net.faults import Fault
from monitor.net.transport import Transport
from monitor.ports.probe import Context


async def can_reach(transport: Transport, target: str, timeout_s: float) -> bool:
    """Whether `host:port` takes a TCP connection within so many seconds."""
    host, _, port = target.rpartition(":")
    with transport.run(Context(deadline=monotonic() + timeout_s)) as run:
        try:
            connection = await transport.connect(run, host.strip("[]"), int(port))
        except Fault:
            return False
        connection.close()
        return True
