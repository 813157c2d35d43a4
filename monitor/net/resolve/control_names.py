"""Our resolver asked about the control names: does it find anything at all?"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic

from monitor.domain.checks.connectivity import Control, Controls, DnsResponse
from monitor.domain.checks.probe import Context
from monitor.net.datagram import query
from monitor.net.errors import ProbeFailure
from monitor.net.resolve.resolver import response_of, server_name
from monitor.net.resolve.wire import (
    AddressType,
    Malformed,
    answers,
    decode_answer,
    encode_name,
    encode_query,
)
from monitor.net.session import Session

_TRIES = 2
"""A datagram may be lost. Who answers slowly has the answer at hand the second time."""
_REST_S = 0.5
"""How long the others are waited for once a server was seen to do its work: who denies or forges
is quick with it."""
Server = tuple[str, int]
Said = tuple[DnsResponse, tuple[str, ...]]
"""A reply, and the addresses in it."""


async def query_controls(
    servers: Iterable[Server], names: tuple[str, ...], timeout_s: float
) -> Controls:
    """How each server does by each name; those that had not answered soon after one was seen to do
    its work are left out. Nothing where there are no names."""
    if not names:
        return {}
    asked = [
        asyncio.create_task(_ask_server(server, names, timeout_s))
        for server in dict.fromkeys(servers)
    ]
    found: dict[str, tuple[Control, ...]] = {}
    try:
        left = set(asked)
        patience: float | None = None
        while left:
            done, left = await asyncio.wait(
                left, timeout=patience, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                server, controls = task.result()
                found[server_name(server)] = controls
                if any(control.is_seen for control in controls):
                    patience = _REST_S
            if not done:
                break
        return found
    finally:
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def _ask_server(
    server: Server, names: tuple[str, ...], timeout_s: float
) -> tuple[Server, tuple[Control, ...]]:
    asked = await asyncio.gather(*(_control(server, name, timeout_s) for name in names))
    return server, _exposed(asked)


def _exposed(asked: Sequence[tuple[Control, frozenset[str]]]) -> tuple[Control, ...]:
    """Names of different operators that nobody has asked for before share no address, unless it
    is the server's own doing."""
    times = Counter(address for _, addresses in asked for address in addresses)
    forged = frozenset(address for address, count in times.items() if count > 1)
    return tuple(
        replace(control, uncached=DnsResponse.FORGED, forged=forged)
        if addresses & forged
        else control
        for control, addresses in asked
    )


async def _control(server: Server, name: str, timeout_s: float) -> tuple[Control, frozenset[str]]:
    """And the addresses of what nobody has asked for before."""
    # Nobody has asked for this label before: what is said of it comes from the name's own servers.
    # https://www.rfc-editor.org/rfc/rfc8198 lets a cache say it of signed zones, hence the
    # advice in the documentation to choose unsigned ones.
    (uncached, addresses), (plain, _) = await asyncio.gather(
        _reply(server, f"{secrets.token_hex(8)}.{name}", timeout_s),
        _reply(server, name, timeout_s),
    )
    return Control(uncached=uncached, plain=plain), frozenset(addresses)


async def _reply(server: Server, name: str, timeout_s: float) -> Said:
    wire = encode_name(name)
    for _ in range(_TRIES):
        question = encode_query(secrets.randbits(16), wire, AddressType.A)
        with Session(Context(deadline=monotonic() + timeout_s / _TRIES)) as run:
            try:
                (answer,) = await query(run, server, [(question, partial(answers, query=question))])
            except ProbeFailure:
                continue
        return _read(answer, question)
    return DnsResponse.SILENT, ()


def _read(wire: bytes, question: bytes) -> Said:
    try:
        answer = decode_answer(wire, question)
    except Malformed:
        return DnsResponse.GARBLED, ()
    return response_of(answer), answer.addresses
