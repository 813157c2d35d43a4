"""What the commands about the result store need: the store that a configuration names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from monitor.domain.secret import SecretMissing
from monitor.results.forwarding.follower_state import FollowerState
from monitor.results.stores.kind import StoreDependencies
from monitor.results.stores.ports import ResultStore, StoreMisconfigured, StoreUnavailable
from monitor.roles.settings import follower_file
from monitor.roles.store.choice import Chosen, store_dependencies
from monitor.roles.tools import EXIT_CONFIG, load_catalogue_or_exit
from monitor.runtime.system_clock import SystemClock

EXIT_STORE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreTools:
    """Handed to a command."""

    chosen: Chosen
    dependencies: StoreDependencies
    data_dir: Path
    clock: SystemClock

    @asynccontextmanager
    async def store(self) -> AsyncIterator[ResultStore]:
        async with self.chosen.kind.build(self.chosen.spec, self.dependencies) as store:
            yield store

    def follower_state(self) -> FollowerState:
        """The store role's follower state. Ends the command where no product has run in this folder
        yet."""
        path = follower_file(self.data_dir)
        if not path.is_file():
            typer.secho(
                f"no product has run in {self.data_dir}: name its folder with --data-dir",
                err=True,
                fg="red",
            )
            raise typer.Exit(EXIT_CONFIG)
        return FollowerState(path)


@contextmanager
def store_tools(config: Path, data_dir: Path) -> Iterator[StoreTools]:
    """Ends the command with the reason where the store fails it: exit code 1, or 2 for what a
    person has to mend in the configuration."""
    catalogue = load_catalogue_or_exit(config)
    clock = SystemClock()
    try:
        yield StoreTools(
            chosen=Chosen.of(catalogue),
            dependencies=store_dependencies(data_dir, catalogue, clock),
            data_dir=data_dir,
            clock=clock,
        )
    except (StoreMisconfigured, SecretMissing) as error:
        typer.secho(f"store: {error}", err=True, fg="red")
        raise typer.Exit(EXIT_CONFIG) from error
    except StoreUnavailable as error:
        typer.secho(f"store: {error}", err=True, fg="red")
        raise typer.Exit(EXIT_STORE) from error
