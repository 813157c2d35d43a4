"""Our resolver asked about the control names: does it find anything at all?"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable
from functools import partial
from time import monotonic

from monitor.domain.resolving import Control, Controls, Reply
from monitor.net.datagram import ask
from monitor.net.dns_wire import (
    AddressType,
    Malformed,
    answers,
    decode_answer,
    encode_name,
    encode_query,
)
from monitor.net.faults import Fault
from monitor.net.resolver import reply_of, server_name
from monitor.net.run import Run
from monitor.ports.probe import Context

_TRIES = 2
"""A datagram may be lost. Who answers slowly has the answer at hand the second time."""
Server = tuple[str, int]


async def ask_controls(
    servers: Iterable[Server], names: tuple[str, ...], timeout_s: float
) -> Controls:
    """How each server does by each name; those that had not answered when one was seen to do its
    work are left out. Nothing where there are no names."""
    if not names:
        return {}
    asked = [
        asyncio.create_task(_ask_server(server, names, timeout_s))
        for server in dict.fromkeys(servers)
    ]
    found: dict[str, tuple[Control, ...]] = {}
    try:
        for answer in asyncio.as_completed(asked):
            server, controls = await answer
            found[server_name(server)] = controls
            if any(control.is_seen for control in controls):
                break
        return found
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _ask_server(
    server: Server, names: tuple[str, ...], timeout_s: float
) -> tuple[Server, tuple[Control, ...]]:
    return server, tuple(
        await asyncio.gather(*(_control(server, name, timeout_s) for name in names))
    )


async def _control(server: Server, name: str, timeout_s: float) -> Control:
    # Nobody has asked for this label before: what is said of it comes from the name's own servers.
    # https://www.rfc-editor.org/rfc/rfc8198 lets a cache say it of signed zones, hence the
    # advice in the documentation to choose unsigned ones.
    uncached, plain = await asyncio.gather(
        _reply(server, f"{secrets.token_hex(8)}.{name}", timeout_s),
        _reply(server, name, timeout_s),
    )
    return Control(uncached=uncached, plain=plain)


async def _reply(server: Server, name: str, timeout_s: float) -> Reply:
    wire = encode_name(name)
    for _ in range(_TRIES):
        query = encode_query(secrets.randbits(16), wire, AddressType.A)
        with Run(Context(deadline=monotonic() + timeout_s / _TRIES)) as run:
            try:
                (answer,) = await ask(run, server, [(query, partial(answers, query=query))])
            except Fault:
                continue
        return _read(answer, query)
    return Reply.SILENT


def _read(answer: bytes, query: bytes) -> Reply:
    try:
        return reply_of(decode_answer(answer, query))
    except Malformed:
        return Reply.GARBLED
