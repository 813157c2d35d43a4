"""Which result store a catalogue names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.domain.catalogue import Catalogue
from monitor.domain.time.clock import Clock
from monitor.registry import KindUnusable
from monitor.results.stores.kind import StoreDependencies, StoreKind
from monitor.results.stores.ports import StoreMisconfigured
from monitor.results.stores.registry import STORES
from monitor.roles.settings import follower_file, log_file
from monitor.runtime.frozen_json import from_json


@dataclass(frozen=True, slots=True)
class Chosen:
    """The store that a catalogue names."""

    kind: StoreKind
    spec: Any

    @classmethod
    def of(cls, catalogue: Catalogue) -> Chosen:
        """From a catalogue whose specification may still be JSON. Raises StoreMisconfigured where
        this program has no such store."""
        spec = catalogue.store.spec
        try:
            kind = STORES[catalogue.store.kind]
            if not isinstance(spec, kind.spec):
                spec = from_json(kind.spec, spec or {})
        except KindUnusable as error:
            raise StoreMisconfigured(f"store: {error}") from error
        except (KeyError, ValueError, TypeError) as error:
            raise StoreMisconfigured(
                f"store: this program has no {catalogue.store.kind} with these settings"
            ) from error
        return cls(kind, spec)


def is_remote(name: str) -> bool:
    """Whether results have to be forwarded to a store of that kind; also where this program does
    not know the kind."""
    try:
        return STORES[name].is_remote
    except LookupError:
        return True


def store_dependencies(data_dir: Path, catalogue: Catalogue, clock: Clock) -> StoreDependencies:
    """What a store is given in a data folder."""
    return StoreDependencies(
        log_file=log_file(data_dir),
        rollup_file=follower_file(data_dir),
        clock=clock,
        zone=catalogue.zone,
    )
