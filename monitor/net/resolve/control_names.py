"""Asks our resolver about the control names: does it find anything at all?"""

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

_ATTEMPTS = 2
"""A datagram may be lost. A slow server has the answer at hand the second time."""
_GRACE_S = 0.5
"""How long to wait for the other servers once one was seen to work: a server that denies or
forges answers does so quickly."""
Server = tuple[str, int]
Reply = tuple[DnsResponse, tuple[str, ...]]
"""A reply, and the addresses in it."""


async def query_controls(
    servers: Iterable[Server], names: tuple[str, ...], timeout_s: float
) -> Controls:
    """How each server answers about each name. Servers that have not answered soon after one was
    seen to work are left out. Empty without names."""
    if not names:
        return {}
    tasks = [
        asyncio.create_task(_ask_server(server, names, timeout_s))
        for server in dict.fromkeys(servers)
    ]
    results: dict[str, tuple[Control, ...]] = {}
    try:
        pending = set(tasks)
        grace_s: float | None = None
        while pending:
            done, pending = await asyncio.wait(
                pending, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                server, controls = task.result()
                results[server_name(server)] = controls
                if any(control.is_seen for control in controls):
                    grace_s = _GRACE_S
            if not done:
                break
        return results
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask_server(
    server: Server, names: tuple[str, ...], timeout_s: float
) -> tuple[Server, tuple[Control, ...]]:
    controls = await asyncio.gather(*(_control(server, name, timeout_s) for name in names))
    return server, _with_forgeries(controls)


def _with_forgeries(controls: Sequence[tuple[Control, frozenset[str]]]) -> tuple[Control, ...]:
    """The controls, with forged answers marked: names of different operators that nobody has asked
    for before share no address unless the server makes it up."""
    times = Counter(address for _, addresses in controls for address in addresses)
    forged = frozenset(address for address, count in times.items() if count > 1)
    return tuple(
        replace(control, uncached=DnsResponse.FORGED, forged=forged)
        if addresses & forged
        else control
        for control, addresses in controls
    )


async def _control(server: Server, name: str, timeout_s: float) -> tuple[Control, frozenset[str]]:
    """One name's control, and the addresses of the label that nobody has asked for before."""
    # Nobody has asked for this label before, so its answer comes from the name's own servers.
    # https://www.rfc-editor.org/rfc/rfc8198 lets a cache answer for signed zones, hence the
    # advice in the documentation to choose unsigned ones.
    (uncached, addresses), (plain, _) = await asyncio.gather(
        _reply(server, f"{secrets.token_hex(8)}.{name}", timeout_s),
        _reply(server, name, timeout_s),
    )
    return Control(uncached=uncached, plain=plain), frozenset(addresses)


async def _reply(server: Server, name: str, timeout_s: float) -> Reply:
    wire = encode_name(name)
    for _ in range(_ATTEMPTS):
        question = encode_query(secrets.randbits(16), wire, AddressType.A)
        with Session(Context(deadline=monotonic() + timeout_s / _ATTEMPTS)) as session:
            try:
                (answer,) = await query(
                    session, server, [(question, partial(answers, query=question))]
                )
            except ProbeFailure:
                continue
        return _read(answer, question)
    return DnsResponse.SILENT, ()


def _read(wire: bytes, question: bytes) -> Reply:
    try:
        answer = decode_answer(wire, question)
    except Malformed:
        return DnsResponse.GARBLED, ()
    return response_of(answer), answer.addresses
