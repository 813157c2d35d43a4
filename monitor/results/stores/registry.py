"""Every kind of result store there is; a new one needs a file, and a line here."""

from __future__ import annotations

from monitor.registry import Registry
from monitor.results.stores.kind import StoreKind

STORES: Registry[StoreKind] = Registry(
    "result store",
    StoreKind,
    {
        "sqlite": "monitor.results.stores.sqlite:KIND",
        "influx": "monitor.results.stores.influx:KIND",
    },
    "estado.stores",
)
