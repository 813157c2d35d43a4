"""What a configuration may name. It is passed in: this package knows no probe and no notifier."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from monitor.config.errors import Path


class KindWithSettings(Protocol):
    @property
    def spec(self) -> type[Any]:
        """A frozen dataclass; unknown settings are refused by its `__pydantic_config__`."""
        ...


class KindOfProbe(KindWithSettings, Protocol):
    """What is needed of a kind: its specification, and how a target is read."""

    @property
    def from_target(self) -> Callable[[str], Mapping[str, Any]]:
        """Fields of the specification; raises ValueError with what is wanted."""
        ...


class KindOfNotifier(KindWithSettings, Protocol):
    """Its specification is all that is needed."""


class KindOfPanel(KindWithSettings, Protocol):
    """Its specification is all that is needed."""


class KindOfStore(KindWithSettings, Protocol):
    @property
    def is_remote(self) -> bool:
        """Whether results are forwarded to it; if not, they are kept in the result log."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Registries:
    """Probes, notifiers, stores and billing panels by the name of their kind; policies by name and
    version.

    `problems_of_terms` gives a field's path and what was wanted, for each thing that the policy of
    terms finds wrong with their fields.
    """

    probes: Mapping[str, KindOfProbe]
    notifiers: Mapping[str, KindOfNotifier]
    stores: Mapping[str, KindOfStore]
    panels: Mapping[str, KindOfPanel]
    policies: Collection[tuple[str, int]]
    problems_of_terms: Callable[[Mapping[str, object]], Iterable[tuple[Path, str]]]

    @property
    def policy_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name, _ in self.policies))
