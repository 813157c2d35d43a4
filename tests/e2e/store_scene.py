"""The product with a real InfluxDB as its store, and the comparison of what both sides hold."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.domain.checks.observation import LoggedResult
from monitor.domain.secret import Secret
from monitor.domain.time.interval import Interval, Second
from monitor.results.checksum import checksum
from monitor.results.log.lookup import SqliteResultLookup
from monitor.results.log.ports import FoldKey
from monitor.results.rollups.latency import Width
from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.influx.store import open_store
from monitor.results.stores.ports import Digest
from monitor.runtime.system_clock import SystemClock
from tests.e2e.flapping import wall, write_script
from tests.e2e.product import Product, free_port, helper, product
from tests.results.stores.harness import windows_of
from tests.support.influx import InfluxLab

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
TOKEN = "ESTADO_TESTS_INFLUX_TOKEN"
ALWAYS = Interval(Second(0), Second(1 << 33))


@dataclass(frozen=True, slots=True)
class Sides:
    """Digests by check, as the log has them and as the store has them."""

    log: Mapping[FoldKey, Digest]
    store: Mapping[FoldKey, Digest]
    results: int
    repeated: int
    """Results that stand in the log twice."""
    windows_differ: Sequence[str]
    """Hours and days whose latencies are not those of the log."""


@contextmanager
def product_with_influx(
    folder: Path, lab: InfluxLab, checks: Mapping[str, str], **defaults: str
) -> Iterator[Product]:
    extra = (
        "store:\n  kind: influx\n"
        f"  settings: {{url: '{lab.server.url}', org: {lab.org}, token: '${{{TOKEN}}}'}}\n"
    )
    with product(folder, checks, extra=extra, **defaults) as made:
        made.env[TOKEN] = lab.token
        yield made


@contextmanager
def steady_target(folder: Path) -> Iterator[int]:
    """A port that takes every connection, in a process of its own."""
    port, script = free_port(), folder / "steady.json"
    write_script(script, wall(), {port: []})
    with helper("tests.e2e.flapping", str(script)):
        yield port


def log_rows(made: Product) -> int:
    if not (made.data / "results.db").exists():
        return 0
    with closing(sqlite3.connect(f"file:{made.data}/results.db?mode=ro", uri=True)) as log:
        return int(log.execute("SELECT coalesce(max(seq), 0) FROM result").fetchone()[0])


def position(made: Product, reader: str) -> int:
    """How far a reader of the log has come, as the book has it; 0 while there is none."""
    path = made.data / "store.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as book:
        found = book.execute("SELECT seq FROM position WHERE reader = ?", (reader,)).fetchone()
    return int(found[0]) if found else 0


def has_all(made: Product) -> bool:
    """Whether the store has confirmed every row of the log."""
    return position(made, "store") >= log_rows(made) > 0


def published(made: Product) -> bool:
    """Whether no hour or day waits to be carried."""
    with closing(sqlite3.connect(f"file:{made.data}/store.db?mode=ro", uri=True)) as book:
        waiting = [
            book.execute(f"SELECT count(*) FROM {width} WHERE changed = 1").fetchone()[0]  # noqa: S608
            for width in Width
        ]
    return waiting == [0, 0]


def both_sides(made: Product, lab: InfluxLab) -> Sides:
    """With prober and store stopped."""
    return asyncio.run(_both_sides(made, lab))


async def _both_sides(made: Product, lab: InfluxLab) -> Sides:
    os.environ[TOKEN] = lab.token
    lookup = SqliteResultLookup(made.data / "results.db")
    rows: list[LoggedResult] = []
    while part := lookup.read(rows[-1].seq if rows else 0, 10_000):
        rows += part
    lookup.close()
    first: dict[tuple[FoldKey, Second], LoggedResult] = {}
    for row in rows:
        first.setdefault(((row.result.check, row.result.location), row.result.slot), row)
    by_key: dict[FoldKey, list[LoggedResult]] = {}
    for (key, _), row in first.items():
        by_key.setdefault(key, []).append(row)
    spec = InfluxSpec(url=lab.server.url, org=lab.org, token=Secret(f"${{{TOKEN}}}"))
    differ: list[str] = []
    async with open_store(spec, SystemClock()) as store:
        there = {key: await store.digest(key, ALWAYS) for key in by_key}
        for key, held in by_key.items():
            for width in Width:
                wanted = windows_of([row.result for row in held], width)
                if list(await store.buckets(key, ALWAYS, width)) != wanted:
                    differ.append(f"{key[0]} {width}")
    return Sides(
        log={
            key: Digest(results=len(held), checksum=checksum(row.result for row in held))
            for key, held in by_key.items()
        },
        store=there,
        results=len(first),
        repeated=len(rows) - len(first),
        windows_differ=differ,
    )
