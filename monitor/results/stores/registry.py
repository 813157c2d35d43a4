"""Every kind of result store there is; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from monitor.results.stores import influx, sqlite
from monitor.results.stores.kind import StoreKind

STORES: Mapping[str, StoreKind] = MappingProxyType(
    {
        "sqlite": sqlite.KIND,
        "influx": influx.KIND,
    }
)
