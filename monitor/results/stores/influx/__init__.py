"""The `influx` store: InfluxDB 2.x. Nothing else in the product imports influxdb_client, and a role
that does not open the store does not load it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

from monitor.results.stores.influx.spec import InfluxSpec
from monitor.results.stores.kind import StoreDependencies, StoreKind
from monitor.results.stores.ports import Finding, ResultStore


def _build(
    spec: InfluxSpec, dependencies: StoreDependencies
) -> AbstractAsyncContextManager[ResultStore]:
    from monitor.results.stores.influx.store import open_beside_log

    return open_beside_log(spec, dependencies)


async def _init(spec: InfluxSpec, say: Callable[[str], None]) -> None:
    from monitor.results.stores.influx.setup import init

    await init(spec, say)


async def _doctor(spec: InfluxSpec, dependencies: StoreDependencies) -> Sequence[Finding]:
    from monitor.results.stores.influx.doctor import doctor

    return await doctor(spec, dependencies)


KIND = StoreKind(
    name="influx",
    summary="InfluxDB 2.x, filled from the result log",
    spec=InfluxSpec,
    is_remote=True,
    build=_build,
    init=_init,
    doctor=_doctor,
)
