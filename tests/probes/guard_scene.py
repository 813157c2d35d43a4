"""A network of its own: 203.0.113.5 is public, 10.0.0.1 and 169.254.169.254 are not.

Run inside a fresh network namespace by `test_guard.py`; prints what each way inside came to as
`{case: [outcome, class, connections that the private listeners counted]}`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable

from dns.message import Message

from monitor.net.address_guard import Guard
from monitor.net.resolve.resolver import Resolver
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from probes.hls.probe import HlsProbe, HlsSpec
from probes.http import HttpProbe, HttpSpec
from probes.icecast.probe import IcecastProbe, IcecastSpec
from tests.support.dns_server import dns_server, zone
from tests.support.looks import run_check

PUBLIC, PRIVATE, METADATA = "203.0.113.5", "10.0.0.1", "169.254.169.254"
ALIKE = "10.0.0.2"
"""Private too, and sends its visitors to PRIVATE."""
PORT = 8080
REBOUND = "rebound.test"
WAYS = {
    "redirect": f"http://{PRIVATE}:{PORT}/",
    "redirect to metadata": f"http://{METADATA}:{PORT}/latest/meta-data/",
    "redirect to mapped IPv6": f"http://[::ffff:{PRIVATE}]:{PORT}/",
    "redirect to loopback": f"http://127.0.0.1:{PORT}/",
    "redirect to localhost": f"http://localhost:{PORT}/",
    "redirect below localhost": f"http://app.LOCALHOST.:{PORT}/",
    "redirect to loopback, short": f"http://127.1:{PORT}/",
    "redirect to loopback, in hex": f"http://0x7f000001:{PORT}/",
    "redirect to loopback, in octal": f"http://0177.0.0.01:{PORT}/",
    "redirect to loopback, one number": f"http://2130706433:{PORT}/",
    "redirect to loopback, escaped": f"http://%31%32%37.0.0.1:{PORT}/",
    "redirect to loopback, full width": f"http://127%E3%80%820%E3%80%820%E3%80%821:{PORT}/",
    "redirect to IPv6 loopback": f"http://[::1]:{PORT}/",
    "redirect to a name": f"http://inside.test:{PORT}/",
    "rebinding": f"http://{REBOUND}:{PORT}/again",
}


class Inside:
    """The listeners that nobody from outside may reach."""

    def __init__(self) -> None:
        self.connections = 0

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret")
        writer.close()


def outside(
    location: Callable[[], str],
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A public server that sends everybody elsewhere, by redirect or by playlist."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if b".m3u8" in request.split(b"\r\n")[0]:
            is_media = b"media" in request
            head = "TARGETDURATION:6\n#EXTINF:6," if is_media else "STREAM-INF:BANDWIDTH=64000"
            body = f"#EXTM3U\n#EXT-X-{head}\n{location()}\n"
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        else:
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {location()}\r\n\r\n".encode())
        writer.close()

    return serve


async def play() -> dict[str, list[object]]:
    """Every way inside, then two that are allowed, so that the counting is seen to count."""
    inside, going = Inside(), {"to": ""}
    for host in (PRIVATE, METADATA, "127.0.0.1"):
        await asyncio.start_server(inside.serve, host, PORT)
    for host in (PUBLIC, ALIKE):
        await asyncio.start_server(outside(lambda: going["to"]), host, PORT)
    asked = {"times": 0}

    def names(query: Message, by_tcp: bool) -> Message | bytes | None:
        asked["times"] += 1
        rebound = PUBLIC if asked["times"] == 1 else PRIVATE
        return zone({"inside.test A": [PRIVATE], f"{REBOUND} A": [rebound]})(query, by_tcp)

    seen: dict[str, list[object]] = {}
    async with dns_server(names) as server:

        async def visit(
            case: str, spec: HttpSpec | HlsSpec | IcecastSpec, allow: tuple[str, ...] = ()
        ) -> None:
            inside.connections = asked["times"] = 0
            transport = Transport(
                wall=SystemClock().wall,
                resolver=Resolver(settings=server.settings, hosts={}),
                guard=Guard(allow),
            )
            if isinstance(spec, HlsSpec):
                found = await run_check(HlsProbe(transport), spec, timeout_s=3)
            elif isinstance(spec, IcecastSpec):
                found = await run_check(IcecastProbe(transport), spec, timeout_s=3)
            else:
                found = await run_check(HttpProbe(transport), spec, timeout_s=3)
            seen[case] = [found.outcome, found.failure, inside.connections]

        for case, going["to"] in WAYS.items():
            host = REBOUND if case == "rebinding" else PUBLIC
            await visit(case, HttpSpec(url=f"http://{host}:{PORT}/"))
        going["to"] = f"http://{PRIVATE}:{PORT}/live.m3u8"
        await visit("playlist", HlsSpec(url=f"http://{PUBLIC}:{PORT}/a.m3u8"))
        await visit("segment", HlsSpec(url=f"http://{PUBLIC}:{PORT}/media.m3u8"))
        going["to"] = f"http://{PRIVATE}:{PORT}/radio.mp3"
        await visit("mount", IcecastSpec(url=f"http://{PUBLIC}:{PORT}/radio.mp3"))
        going["to"] = f"http://{PRIVATE}:{PORT}/"
        await visit("allowed by CIDR", HttpSpec(url=f"http://{PUBLIC}:{PORT}/"), ("10.0.0.0/8",))
        await visit("named by a person", HttpSpec(url=f"http://{PRIVATE}:{PORT}/"))
        await visit("private to its like", HttpSpec(url=f"http://{ALIKE}:{PORT}/"))
    return seen


def main() -> None:
    for command in (
        ["ip", "link", "set", "lo", "up"],
        *(
            ["ip", "addr", "add", f"{a}/32", "dev", "lo"]
            for a in (PUBLIC, PRIVATE, ALIKE, METADATA)
        ),
    ):
        subprocess.run(command, check=True)
    json.dump(asyncio.run(play()), sys.stdout)


if __name__ == "__main__":
    main()
