"""The core's figures at one moment, for `/metrics` and `/readyz`: they name private components,
so they are for operators alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.domain.incident import Incident, Standing
from monitor.domain.interval import Second
from monitor.domain.observation import ComponentId
from monitor.domain.public import PublicView
from monitor.domain.state import FoldState
from monitor.ports.results import Figures, FoldKey


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreFigures:
    """Everything that the operators' port tells."""

    at: Second
    ticked_at: Second
    rendered_at: Second | None = None
    is_blind: bool = False
    log_depth: int = 0
    revision: int = 0
    owed: int = 0
    given_up: int = 0
    states: Mapping[FoldKey, FoldState] = field(default_factory=dict)
    standings: Mapping[ComponentId, Standing] = field(default_factory=dict)
    incidents: tuple[Incident, ...] = ()
    view: PublicView | None = None
    prober: Figures | None = None

    def troubles(self, now: Second) -> list[str]:
        """Why the core is not ready, in words; empty when it is."""
        found = []
        if now - self.ticked_at > 10:
            found.append(f"the last tick was {now - self.ticked_at} s ago")
        if self.rendered_at is None or now - self.rendered_at > 150:
            found.append("the page has not been rendered for over two minutes")
        if self.prober is None or now - self.prober.at > 30:
            found.append("the prober has reported no figures for 30 s")
        return found
