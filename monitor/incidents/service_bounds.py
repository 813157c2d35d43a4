"""Which incidents and maintenance windows somebody may see and write who is bounded to services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.refusals import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBounds:
    """`services` None: no bounds. A component that has left the catalogue is nobody's."""

    services: frozenset[ServiceId] | None
    catalogue: Catalogue

    @classmethod
    def of(cls, actor: Actor, catalogue: Catalogue) -> ServiceBounds:
        return cls(services=actor.services, catalogue=catalogue)

    def has(self, component: ComponentId) -> bool:
        if self.services is None:
            return True
        is_known = self.catalogue.has(component)
        return is_known and self.catalogue.component(component).service in self.services

    @property
    def are_none(self) -> bool:
        return self.services is None

    def sees(self, components: Collection[ComponentId]) -> bool:
        """What is partly theirs concerns them: it may be read."""
        return self.services is None or any(map(self.has, components))

    def require_all(self, components: Collection[ComponentId]) -> None:
        """What is written is read by the customers of all these components; of none, by those of
        every service. Raises Refused."""
        if not components and self.services is not None:
            raise Refused("scope.every_service")
        beyond = [c for c in components if not self.has(c)]
        if beyond:
            raise Refused("scope.service", names=", ".join(sorted(beyond)))
