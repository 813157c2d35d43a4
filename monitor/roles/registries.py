"""The registries, handed to whoever needs them: nothing else knows a concrete class."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from credits.policies import POLICIES, policy_versions, problems_of_terms
from monitor.alerting.channels.registry import CHANNELS
from monitor.billing.registry import PANELS
from monitor.config import Registries
from monitor.domain.checks.observation import FailureClass
from monitor.registry import problems
from monitor.results.stores.registry import STORES
from monitor.subscribers.channels.registry import SUBSCRIBER_CHANNELS
from probes.registry import PROBES
from probes.registry import all_failures as _declared


@cache
def registries() -> Registries:
    """Everything that a configuration may name."""
    return Registries(
        probes=PROBES,
        notifiers=CHANNELS,
        stores=STORES,
        panels=PANELS,
        policies=policy_versions(),
        problems_of_terms=problems_of_terms,
    )


@cache
def unusable_plugins() -> tuple[str, ...]:
    """A sentence for each kind of another distribution that cannot be used."""
    return problems(PROBES, CHANNELS, STORES, POLICIES, PANELS, SUBSCRIBER_CHANNELS)


@cache
def all_failures() -> Mapping[str, FailureClass]:
    """Every failure class that a probe declares, by id."""
    return _declared()


@cache
def declared_phases() -> Mapping[str, tuple[str, ...]]:
    """The phases that each kind of probe declares, by its name."""
    return {name: kind.phases for name, kind in PROBES.usable().items()}
