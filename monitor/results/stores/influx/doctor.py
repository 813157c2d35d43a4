"""`estado store doctor`: from the server's name to a point written, read back and deleted."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit

from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.net.http_errors import http_date
from monitor.results.stores.influx.admin import DAY, bucket_of, how_long
from monitor.results.stores.influx.answers import judge_read, judge_write, reason_of
from monitor.results.stores.influx.influxql import rows_of
from monitor.results.stores.influx.server import WRITE, Answer, Server, connected, token_of
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import Finding, StoreMisconfigured, StoreRefused, StoreUnavailable

MEASUREMENT = "estado_doctor"
_INIT = "estado store init"
_LARGEST_SKEW_S = 5
_HASHES_TOKENS = (2, 9)


async def doctor(spec: InfluxSpec, dependencies: StoreDependencies) -> list[Finding]:
    """In the order in which one thing needs the other; it ends where it cannot go on."""
    found: list[Finding] = []
    try:
        await _examine(spec, dependencies.clock, found.append)
    except (StoreUnavailable, StoreMisconfigured, StoreRefused) as error:
        found.append(Finding(what=str(error), is_well=False, remedy=_REMEDIES[type(error)]))
    return found


_REMEDIES: dict[type[Exception], str] = {
    StoreUnavailable: "look at InfluxDB's own log, and at what stands between",
    StoreMisconfigured: "mend the setting, or let estado store init make what is missing",
    StoreRefused: "something else wrote the same names with other types: use buckets of our own",
}


async def _examine(spec: InfluxSpec, clock: Clock, report: Callable[[Finding], None]) -> None:
    named = await _name(spec)
    report(named)
    if not named.is_well:
        return
    report(_line(spec))
    async with connected(spec) as nobody:
        reached = await nobody.request("GET", "/ping")
    async with connected(spec, partial(token_of, spec.token)) as server:
        if reached.status == 401:
            reached = await server.request("GET", "/ping")
        version = version_of(reached)
        report(_version(version, spec))
        report(_skew(reached, clock))
        if version[:1] != (3,):
            for name, days in spec.buckets.items():
                report(await _bucket(server, spec, name, days))
        for name in spec.buckets:
            report(await _round_trip(server, spec, name, clock.now()))


async def _name(spec: InfluxSpec) -> Finding:
    host = urlsplit(spec.url).hostname or ""
    if _address(host) is not None:
        return Finding(what=f"{host} is an address and needs no resolver")
    try:
        async with asyncio.timeout(spec.timeout_s):
            loop = asyncio.get_running_loop()
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        remedy = "see url, and this machine's resolver"
        return Finding(what=f"the name {host} is not found: {why}", is_well=False, remedy=remedy)
    addresses = sorted({str(entry[4][0]) for entry in found})
    return Finding(what=f"{host} leads to {', '.join(addresses)}")


def _line(spec: InfluxSpec) -> Finding:
    """Reported, not judged: only its owner knows what protects the line."""
    if spec.url.startswith("https:"):
        examined = "is examined" if spec.verify else "is not examined (verify is false)"
        return Finding(what=f"the line is encrypted, the server's certificate {examined}")
    place = "inside this machine" if _is_here(spec) else "and the token goes over it in the clear"
    return Finding(what=f"the line is not encrypted, {place}")


def _is_here(spec: InfluxSpec) -> bool:
    host = urlsplit(spec.url).hostname or ""
    address = _address(host)
    return address.is_loopback if address is not None else host == "localhost"


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def version_of(answer: Answer) -> tuple[int, ...]:
    """From what /ping answers; empty where that does not have it."""
    version = answer.headers.get("X-Influxdb-Version") or str(answer.fields().get("version", ""))
    parts = version.lstrip("v").partition("-")[0].split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


def _version(version: tuple[int, ...], spec: InfluxSpec) -> Finding:
    if not version:
        return Finding(
            what=f"who answers at {spec.place} does not say that it is an InfluxDB",
            is_well=False,
            remedy="see url; a proxy in between may hide the header X-Influxdb-Version",
        )
    name = f"InfluxDB {'.'.join(map(str, version))} at {spec.place}"
    if version[0] == 3:
        return Finding(what=f"{name}: experimental, nobody has tried it with a real one")
    if version[0] != 2:
        remedy = "use InfluxDB 2.x"
        return Finding(what=f"{name}: not supported", is_well=False, remedy=remedy)
    if version < _HASHES_TOKENS:
        name += " (2.9 hashes the tokens that it finds, for good: keep yours before upgrading)"
    else:
        name += " (it keeps hashes alone of its tokens: one that is lost cannot be shown again)"
    return Finding(what=name)


def _skew(answer: Answer, clock: Clock) -> Finding:
    theirs = http_date(answer.headers.get("Date", ""))
    if theirs is None:
        return Finding(what="the server does not say what time it has")
    skew = round(theirs - clock.wall())
    if abs(skew) <= _LARGEST_SKEW_S:
        return Finding(what="its clock and ours agree")
    side = "ahead of" if skew > 0 else "behind"
    return Finding(
        what=f"its clock is {abs(skew)} s {side} ours",
        is_well=False,
        remedy="keep both by NTP: retention is counted by its clock, slots by ours",
    )


async def _bucket(server: Server, spec: InfluxSpec, name: str, days: int) -> Finding:
    query = {"org": spec.org, "name": name}
    answer = await server.request("GET", "/api/v2/buckets", query=query)
    if answer.status == 404 or (answer.status == 200 and not answer.fields().get("buckets")):
        reason = reason_of(answer) if answer.status == 404 else "the token does not see it"
        what = f"bucket {name}: not found in the organisation {spec.org} ({reason})"
        return Finding(what=what, is_well=False, remedy=_INIT)
    judge_read(answer, name, Second(0))
    bucket = bucket_of(answer.fields()["buckets"][0])
    if bucket.keeps_s == days * DAY:
        return Finding(what=f"bucket {name}: keeps {how_long(bucket.keeps_s)}")
    what = f"bucket {name}: keeps {how_long(bucket.keeps_s)}, configured is {how_long(days * DAY)}"
    return Finding(what=what, is_well=False, remedy=f"{_INIT}, or change the setting")


async def _round_trip(server: Server, spec: InfluxSpec, bucket: str, now: Second) -> Finding:
    """One point in a measurement of its own; only that is deleted again."""
    where = {"org": spec.org, "bucket": bucket}
    line = f"{MEASUREMENT} ok=1i {now}".encode()
    answer = await server.request("POST", WRITE, query={**where, "precision": "s"}, body=line)
    judge_write(answer, bucket, now)
    statement = f'SELECT "ok" FROM "{MEASUREMENT}" WHERE time = {now}s'  # noqa: S608 - our own
    query = {"db": bucket, "epoch": "s", "q": statement}
    answer = await server.request("GET", "/query", query=query)
    judge_read(answer, bucket, now)
    if not rows_of(answer, bucket):
        what = f"bucket {bucket}: what is written there is not found there"
        remedy = "compare the clocks with the retention, and the token's organisation with org"
        return Finding(what=what, is_well=False, remedy=remedy)
    deletion = await server.request("POST", "/api/v2/delete", query=where, body=_around(now))
    outcome = (
        "written, read back and deleted" if deletion.status == 204 else "written and read back"
    )
    return Finding(what=f"bucket {bucket}: a point was {outcome} ({MEASUREMENT})")


def _around(now: Second) -> dict[str, str]:
    start, stop = (datetime.fromtimestamp(now + by, tz=UTC) for by in (-1, 1))
    return {
        "start": start.isoformat(),
        "stop": stop.isoformat(),
        "predicate": f'_measurement="{MEASUREMENT}"',
    }
