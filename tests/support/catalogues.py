"""Small catalogues for tests of whoever starts from one."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from monitor.domain.catalogue import (
    Catalogue,
    CatalogueRevision,
    Check,
    ConnectivitySettings,
    Operations,
    Page,
)
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, LocationId
from monitor.domain.text import plain
from monitor.domain.time.interval import Second

PAGE = Page(name=plain("Estado"), company="Acme", url="https://status.example")


def a_check(
    name: str = "web",
    *,
    interval: int = 20,
    spec: object = None,
    kind: str = "scripted",
    gate: str | None = None,
    locations: tuple[LocationId, ...] = (LOCAL,),
) -> Check:
    return Check(
        id=CheckId(name),
        component=ComponentId("hosting"),
        kind=kind,
        spec=spec,
        policy=Policy(interval=interval, max_gap=3 * interval),
        timeout_s=interval / 2,
        gate=gate,
        locations=locations,
    )


def a_revision(
    checks: Sequence[Check],
    *,
    number: int = 1,
    effective_from: int = 0,
    max_concurrent: int = 200,
    starts_per_tick: int = 20,
    gates: tuple[ConnectivitySettings, ...] = (),
) -> CatalogueRevision:
    catalogue = Catalogue(
        zone=ZoneInfo("UTC"),
        page=PAGE,
        checks=tuple(checks),
        gates=gates,
        operations=Operations(max_concurrent=max_concurrent, handshakes_per_tick=starts_per_tick),
    )
    return CatalogueRevision(
        number=number,
        hash="",
        text="",
        effective_from=Second(effective_from),
        catalogue=catalogue,
    )
