"""Whether an address takes a connection: the connectivity gate's look."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from monitor.net.faults import Fault
from monitor.net.transport import Transport
from monitor.ports.probe import Context


async def can_reach(
    transport: Transport,
    target: str,
    timeout_s: float,
    stalled_s: Callable[[], float] | None = None,
) -> bool:
    """Whether `host:port` takes a TCP connection within so many seconds; see `Context` for
    `stalled_s`."""
    host, _, port = target.rpartition(":")
    context = Context(deadline=monotonic() + timeout_s, stalled_s=stalled_s)
    with transport.run(context) as run:
        try:
            connection = await transport.connect(run, host.strip("[]"), int(port))
        except Fault:
            return False
        connection.close()
        return True
