"""The product on this host: what commands ask, as use cases on the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.accounts.commands import AccountCommands
from monitor.accounts.elsewhere import Elsewhere
from monitor.accounts.tokens import TokenCommands
from monitor.cli.acting import EXIT_REFUSED, fail
from monitor.client.views import (
    AccountView,
    AtProvider,
    Labels,
    NewWindowView,
    TokenView,
    WindowView,
)
from monitor.domain.accounts.account import AccessToken, Account
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId, ServiceId
from monitor.domain.maintenance import MaintenanceWindow
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.incidents.by_hand import IncidentsByHand
from monitor.incidents.commands import IncidentCommands
from monitor.incidents.joining import IncidentJoining
from monitor.incidents.maintenance_commands import MaintenanceCommands
from monitor.journal.ports import JournalError
from monitor.roles.settings import default_config
from monitor.roles.tools import Tools, open_tools

if TYPE_CHECKING:
    from monitor.cli.config.here import LocalConfiguration
    from monitor.cli.credits.here import LocalCredits
    from monitor.cli.credits.here_applying import LocalApplying
    from monitor.cli.exclusion.here import LocalExclusions
    from monitor.cli.probe.here import LocalChecks
    from monitor.cli.product.here_events import LocalEvents
    from monitor.cli.product.here_reading import (
        LocalAudit,
        LocalContracts,
        LocalForecasts,
        LocalState,
    )
    from monitor.cli.report.here import LocalReports
    from monitor.cli.unknown.here import LocalRulings


@contextmanager
def open_here(
    config: Path | None, data_dir: Path, *, creates: bool = False
) -> Iterator[LocalProduct]:
    """Open the journal (see `open_tools`). One that fails ends the command with its reason."""
    try:
        with open_tools(config or default_config(), data_dir, creates=creates) as tools:
            yield LocalProduct(tools)
    except JournalError as error:
        fail(f"the journal: {error}", EXIT_REFUSED, error)


class LocalProduct:
    """Implements `monitor.client.ports.Product`."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def now(self) -> Second:
        return self._tools.clock.now()

    def labels(self, components: Collection[ComponentId] = ()) -> Labels:
        known = self._tools.catalogue.components
        names = {c.id: c.name.in_locale("es") for c in known if c.id in set(components)}
        return Labels(zone=self._tools.catalogue.zone, names=names)

    @cached_property
    def incidents(self) -> IncidentCommands:
        tools = self._tools
        return IncidentCommands(
            journal=tools.journal, catalogue=tools.catalogue, clock=tools.clock, actor=tools.actor
        )

    @cached_property
    def by_hand(self) -> IncidentsByHand:
        tools = self._tools
        return IncidentsByHand(
            journal=tools.journal, catalogue=tools.catalogue, clock=tools.clock, actor=tools.actor
        )

    @cached_property
    def joining(self) -> IncidentJoining:
        # Imported here: other commands start without the probes.
        from monitor.roles.registries import all_failures

        tools = self._tools
        return IncidentJoining(
            journal=tools.journal, catalogue=tools.catalogue, clock=tools.clock, actor=tools.actor,
            failures=all_failures(),
        )  # fmt: skip

    @cached_property
    def maintenance(self) -> LocalMaintenance:
        tools = self._tools
        return LocalMaintenance(
            MaintenanceCommands(
                journal=tools.journal, catalogue=tools.catalogue, clock=tools.clock,
                actor=tools.actor,
            )
        )  # fmt: skip

    @cached_property
    def exclusions(self) -> LocalExclusions:
        from monitor.cli.exclusion.here import LocalExclusions

        return LocalExclusions(self._tools)

    @cached_property
    def credits(self) -> LocalCredits:
        from monitor.cli.credits.here import LocalCredits

        return LocalCredits(self._tools)

    @cached_property
    def rulings(self) -> LocalRulings:
        from monitor.cli.unknown.here import LocalRulings

        return LocalRulings(self._tools)

    @cached_property
    def accounts(self) -> LocalAccounts:
        # Imported here: other commands start without the library of ciphers.
        from monitor.accounts.secrets import Argon2Passwords, SystemRandomness

        tools, oidc = self._tools, self._tools.catalogue.operations.console.oidc
        return LocalAccounts(
            AccountCommands(
                journal=tools.accounts, passwords=Argon2Passwords(),
                randomness=SystemRandomness(), clock=tools.clock, actor=tools.actor,
                known_services={service.id for service in tools.catalogue.services},
            ),
            None if oidc is None else oidc.issuer,
        )  # fmt: skip

    @cached_property
    def contracts(self) -> LocalContracts:
        from monitor.cli.product.here_reading import LocalContracts

        return LocalContracts(self._tools)

    @cached_property
    def applying(self) -> LocalApplying:
        from monitor.cli.credits.here_applying import LocalApplying

        return LocalApplying(self._tools)

    @cached_property
    def reports(self) -> LocalReports:
        from monitor.cli.report.here import LocalReports

        return LocalReports(self._tools)

    @cached_property
    def forecasts(self) -> LocalForecasts:
        from monitor.cli.product.here_reading import LocalForecasts

        return LocalForecasts(self._tools)

    @cached_property
    def configuration(self) -> LocalConfiguration:
        from monitor.cli.config.here import LocalConfiguration

        return LocalConfiguration(self._tools)

    @cached_property
    def checks(self) -> LocalChecks:
        from monitor.cli.probe.here import LocalChecks

        return LocalChecks(self._tools)

    @cached_property
    def events(self) -> LocalEvents:
        from monitor.cli.product.here_events import LocalEvents

        return LocalEvents(self._tools)

    @cached_property
    def state(self) -> LocalState:
        from monitor.cli.product.here_reading import LocalState

        return LocalState(self._tools)

    @cached_property
    def audit(self) -> LocalAudit:
        from monitor.cli.product.here_reading import LocalAudit

        return LocalAudit(self._tools)

    @cached_property
    def tokens(self) -> LocalTokens:
        from monitor.accounts.secrets import SystemRandomness

        tools = self._tools
        return LocalTokens(
            TokenCommands(
                journal=tools.accounts, randomness=SystemRandomness(), clock=tools.clock,
                actor=tools.actor,
            )
        )  # fmt: skip


class LocalMaintenance:
    """Implements `monitor.client.ports.Maintenance`."""

    def __init__(self, commands: MaintenanceCommands) -> None:
        self._commands = commands

    def listed(self, *, with_past: bool = False) -> Sequence[WindowView]:
        return [self._view(window) for window in self._commands.listed(with_past=with_past)]

    def add(
        self,
        *,
        title: Text,
        impact: Text,
        start: Second,
        end: Second,
        components: tuple[str, ...],
        reason: str = "",
    ) -> NewWindowView:
        saved = self._commands.add(
            title=title, impact=impact, start=start, end=end, components=components, reason=reason
        )
        shown = self._view(saved)
        return NewWindowView(
            window=saved, phase=shown.phase, is_excluded=shown.is_excluded,
            already_failing=self._commands.already_failing(saved),
        )  # fmt: skip

    def extend(
        self, wanted: str, *, end: Second, reason: str = "", revision: int | None = None
    ) -> WindowView:
        saved = self._commands.extend(wanted, end=end, reason=reason, revision=revision)
        return self._view(saved)

    def cancel(self, wanted: str, *, reason: str = "", revision: int | None = None) -> WindowView:
        return self._view(self._commands.cancel(wanted, reason=reason, revision=revision))

    def _view(self, window: MaintenanceWindow) -> WindowView:
        return WindowView(
            window=window,
            phase=window.phase(self._commands.clock.now()),
            is_excluded=self._commands.is_excluded(window),
        )


class LocalAccounts:
    """Implements `monitor.client.ports.Accounts`."""

    def __init__(self, commands: AccountCommands, issuer: str | None) -> None:
        """`issuer`: the provider of the configuration in force."""
        self._commands = commands
        self._issuer = issuer

    def every(self) -> Sequence[AccountView]:
        return self._views(self._commands.every())

    def named(self, name: str) -> AccountView:
        return self._view(self._commands.named(name))

    def add(
        self,
        name: str,
        *,
        roles: Collection[AccountRole],
        services: Collection[ServiceId] = (),
        full_name: str = "",
        password: str | None = None,
        has_password: bool = True,
        elsewhere: AtProvider | None = None,
    ) -> tuple[AccountView, str]:
        saved, said = self._commands.add(
            name, roles=roles, services=services, full_name=full_name, password=password,
            has_password=has_password, elsewhere=self._elsewhere(elsewhere),
        )  # fmt: skip
        return self._view(saved), said

    def change(
        self,
        name: str,
        *,
        roles: Collection[AccountRole] | None = None,
        services: Collection[ServiceId] | None = None,
        elsewhere: AtProvider | None = None,
        revision: int | None = None,
    ) -> AccountView:
        return self._view(
            self._commands.change(
                name, roles=roles, services=services, elsewhere=self._elsewhere(elsewhere),
                revision=revision,
            )
        )  # fmt: skip

    def _elsewhere(self, meant: AtProvider | None) -> Elsewhere | None:
        if meant is None:
            return None
        return Elsewhere(issuer=self._issuer, email=meant.email, subject=meant.subject)

    def disable(self, name: str, *, revision: int | None = None) -> AccountView:
        return self._view(self._commands.disable(name, revision=revision))

    def enable(self, name: str, *, revision: int | None = None) -> AccountView:
        return self._view(self._commands.enable(name, revision=revision))

    def reset(
        self, name: str, *, password: str | None = None, revision: int | None = None
    ) -> tuple[AccountView, str]:
        saved, said = self._commands.reset(name, password=password, revision=revision)
        return self._view(saved), said

    def _view(self, account: Account) -> AccountView:
        (shown,) = self._views([account])
        return shown

    def _views(self, accounts: Sequence[Account]) -> Sequence[AccountView]:
        signed_in = self._commands.last_sign_ins(accounts)
        return [_account_view(account, signed_in[account.name]) for account in accounts]


class LocalTokens:
    """Implements `monitor.client.ports.Tokens`."""

    def __init__(self, commands: TokenCommands) -> None:
        self._commands = commands

    def visible(self) -> Sequence[TokenView]:
        return self._views(self._commands.visible())

    def create(
        self, label: str, *, owner: str, scopes: Collection[Scope] | None, days: int | None
    ) -> tuple[TokenView, str]:
        made, secret = self._commands.create(label, owner=owner, scopes=scopes, days=days)
        return self._view(made), secret

    def revoke(self, wanted: str) -> TokenView:
        return self._view(self._commands.revoke(wanted))

    def _view(self, token: AccessToken) -> TokenView:
        (shown,) = self._views([token])
        return shown

    def _views(self, tokens: Sequence[AccessToken]) -> Sequence[TokenView]:
        states = self._commands.states(tokens)
        return [
            TokenView(
                id=token.id, label=token.label, owner=token.owner, scopes=token.scopes,
                created_at=token.created_at, expires_at=token.expires_at,
                last_used_at=token.last_used_at, revoked_at=token.revoked_at,
                state=states[token.id],
            )
            for token in tokens
        ]  # fmt: skip


def _account_view(account: Account, signed_in: Second | None) -> AccountView:
    return AccountView(
        name=account.name, full_name=account.full_name, roles=account.roles,
        services=account.services, has_password=bool(account.password_hash),
        has_second_factor=account.has_second_factor, email=account.email, issuer=account.issuer,
        subject=account.subject, follows_groups=account.follows_groups,
        created_at=account.created_at, disabled_at=account.disabled_at,
        password_changed_at=account.password_changed_at, last_signed_in_at=signed_in,
        revision=account.revision,
    )  # fmt: skip
