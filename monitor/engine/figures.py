"""The core's figures at one moment, for `/metrics` and `/readyz`: they name private components,
so they are for operators alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.catalogue import Catalogue
from monitor.domain.incident import Incident, Standing
from monitor.domain.interval import Second
from monitor.domain.observation import ComponentId
from monitor.domain.public import PublicView
from monitor.domain.state import FoldState
from monitor.engine.last_looks import LastLook
from monitor.ports.results import Figures, FoldKey
from monitor.ports.store import StoreFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessFigures:
    """What a role takes of the machine since it began."""

    started_at: Second
    cpu_s: float
    rss_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFigures:
    """The disk that the data folder is on; bytes, and `free` is what the product may use."""

    free: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreFigures:
    """Everything that the operators' port tells."""

    at: Second
    ticked_at: Second
    rendered_at: Second | None = None
    is_blind: bool = False
    is_unresolved: bool = False
    log_depth: int = 0
    revision: int = 0
    sent: int = 0
    owed: int = 0
    given_up: int = 0
    catalogue: Catalogue | None = None
    """What is in force; checks that are not in it are not told."""
    states: Mapping[FoldKey, FoldState] = field(default_factory=dict)
    looks: Mapping[FoldKey, LastLook] = field(default_factory=dict)
    standings: Mapping[ComponentId, Standing] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    view: PublicView | None = None
    prober: Figures | None = None
    process: ProcessFigures | None = None
    """The core's own."""
    disk: DiskFigures | None = None
    store: StoreFigures | None = None
    """None until the store role has said how it stands."""

    def standstill(self, now: Second) -> list[str]:
        """Why the core does not work, whatever the others do; empty when it does."""
        age = now - self.ticked_at
        return [f"the last tick was {age} s ago"] if age > 10 else []

    def troubles(self, now: Second) -> list[str]:
        """Why the core is not ready, in words; empty when it is."""
        found = self.standstill(now)
        if self.rendered_at is None or now - self.rendered_at > 150:
            found.append("the page has not been rendered for over two minutes")
        if self.prober is None or now - self.prober.at > 30:
            found.append("the prober has reported no figures for 30 s")
        if self.store is not None and self.store.paused:
            found.append(f"the result store: {self.store.paused}")
        return found
