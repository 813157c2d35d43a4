"""One installation behind a door elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from monitor.client import documents
from monitor.client.door import Door, step
from monitor.client.faults import NoEstado, NotAsked
from monitor.client.remote.applying import RemoteApplying
from monitor.client.remote.checks import RemoteChecks
from monitor.client.remote.configuration import RemoteConfiguration
from monitor.client.remote.credits import RemoteCredits
from monitor.client.remote.events import RemoteEvents
from monitor.client.remote.exclusions import RemoteExclusions
from monitor.client.remote.fields import instant, optional_instant
from monitor.client.remote.reading import (
    RemoteAudit,
    RemoteContracts,
    RemoteForecasts,
    RemoteReports,
    RemoteState,
)
from monitor.client.remote.rulings import RemoteRulings
from monitor.client.views import (
    AccountView,
    AtProvider,
    Labels,
    NewWindowView,
    TokenView,
    WindowView,
)
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

if TYPE_CHECKING:
    from monitor.domain.incidents.delivery import Notification

_FEW = 50
"""As many components as an address has room for."""


class RemoteProduct:
    """Implements `monitor.client.ports.Product`."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self.incidents = RemoteIncidents(door)
        self.by_hand = RemoteByHand(door)
        self.joining = RemoteJoining(door)
        self.maintenance = RemoteMaintenance(door)
        self.exclusions = RemoteExclusions(door)
        self.credits = RemoteCredits(door)
        self.rulings = RemoteRulings(door)
        self.accounts = RemoteAccounts(door)
        self.tokens = RemoteTokens(door)
        self.contracts = RemoteContracts(door)
        self.applying = RemoteApplying(door)
        self.reports = RemoteReports(door, lambda: (self.now(), self._zone))
        self.forecasts = RemoteForecasts(door)
        self.configuration = RemoteConfiguration(door)
        self.checks = RemoteChecks(door)
        self.events = RemoteEvents(door)
        self.state = RemoteState(door)
        self.audit = RemoteAudit(door)

    def now(self) -> Second:
        return self._door.session.second("now")

    def labels(self, components: Collection[ComponentId] = ()) -> Labels:
        return Labels(zone=self._zone, names=self._names(components) if components else {})

    @cached_property
    def _zone(self) -> ZoneInfo:
        name = self._door.session.text("zone")
        try:
            return ZoneInfo(name)
        except (ValueError, LookupError, OSError) as error:
            raise NoEstado(f"the door's time zone is not known here: {name}") from error

    def _names(self, wanted: Collection[ComponentId]) -> Mapping[ComponentId, str]:
        query = {"ids": ",".join(dict.fromkeys(wanted))} if len(wanted) <= _FEW else {}
        found = self._door.get("/components", **query).each(
            "components", lambda one: (ComponentId(one.text("id")), one.words("name"))
        )
        return {component: name.in_locale("es") for component, name in found}


class RemoteIncidents:
    """Implements `monitor.client.ports.Incidents`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def unresolved(self) -> Sequence[Incident]:
        return self._listed(open="true")

    def recent(self) -> Sequence[Incident]:
        return self._listed()

    def show(self, wanted: str) -> tuple[Incident, Sequence[Notification]]:
        found = documents.incident(self._door.get(_incident(wanted)))
        told = self._door.get(f"{_incident(found.id)}/notifications")
        from monitor.client.notifications import notification

        return found, told.each("notifications", notification)

    def update(
        self,
        wanted: str,
        *,
        text: Text,
        phase: Phase | None = None,
        title: Text | None = None,
        revision: int | None = None,
        statuses: Mapping[str, Outcome] | None = None,
        next_s: int | None = None,
    ) -> Incident:
        body: dict[str, Any] = {"text": _words(text), "phase": phase, "title": _words(title)}
        if statuses:
            body["components"] = dict(statuses)
        if next_s is not None:
            body["next_s"] = next_s
        path = f"{_incident(wanted)}/updates"
        return documents.incident(self._door.post(path, body, revision=revision))

    def resolve(
        self,
        wanted: str,
        *,
        text: Text,
        revision: int | None = None,
        although_down: bool = False,
    ) -> Incident:
        body = {"text": _words(text), "although_down": although_down}
        path = f"{_incident(wanted)}/resolution"
        return documents.incident(self._door.post(path, body, revision=revision))

    def postmortem(self, wanted: str, *, text: Text, revision: int | None = None) -> Incident:
        path, body = f"{_incident(wanted)}/postmortem", {"text": _words(text)}
        return documents.incident(self._door.post(path, body, revision=revision))

    def edit(
        self,
        wanted: str,
        number: int,
        *,
        text: Text,
        revision: int | None = None,
        is_partial: bool = False,
    ) -> Incident:
        """A language that the text lacks keeps what it said, whatever `is_partial` says."""
        path = f"{_incident(wanted)}/updates/{step(str(number))}"
        body = {"text": _words(text)}
        return documents.incident(self._door.patch(path, body, revision=revision))

    def _listed(self, **query: str) -> Sequence[Incident]:
        found = self._door.get("/incidents", record="true", **query)
        return found.each("incidents", documents.incident)


class RemoteByHand:
    """Implements `monitor.client.ports.ByHand`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def open(
        self,
        *,
        title: Text,
        text: Text,
        statuses: Mapping[str, Outcome],
        phase: Phase = Phase.INVESTIGATING,
        started_at: Second | None = None,
        ended_at: Second | None = None,
    ) -> Incident:
        body = {
            "title": _words(title), "text": _words(text), "components": dict(statuses),
            "phase": phase,
            "started_at": optional_instant(started_at),
            "ended_at": optional_instant(ended_at),
        }  # fmt: skip
        return documents.incident(self._door.post("/incidents", body))

    def reopen(
        self, wanted: str, *, text: Text, title: Text | None = None, revision: int | None = None
    ) -> Incident:
        path, body = (
            f"{_incident(wanted)}/reopening",
            {"text": _words(text), "title": _words(title)},
        )
        return documents.incident(self._door.post(path, body, revision=revision))


class RemoteJoining:
    """Implements `monitor.client.ports.Joining`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def merge(self, wanted: str, into: str, *, text: Text, revision: int | None = None) -> Incident:
        path, body = f"{_incident(wanted)}/merger", {"into": into, "text": _words(text)}
        return documents.incident(self._door.post(path, body, revision=revision))

    def split(
        self,
        wanted: str,
        components: Sequence[str],
        *,
        title: Text,
        text: Text,
        revision: int | None = None,
    ) -> Incident:
        path = f"{_incident(wanted)}/split"
        body = {"components": list(components), "title": _words(title), "text": _words(text)}
        return documents.incident(self._door.post(path, body, revision=revision))

    def link(self, wanted: str, other: str, *, revision: int | None = None) -> Incident:
        path, body = f"{_incident(wanted)}/links", {"incident": other}
        return documents.incident(self._door.post(path, body, revision=revision))

    def unlink(self, wanted: str, other: str, *, revision: int | None = None) -> Incident:
        path = f"{_incident(wanted)}/links/{step(other)}"
        return documents.incident(self._door.delete(path, revision=revision))


class RemoteMaintenance:
    """Implements `monitor.client.ports.Maintenance`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def listed(self, *, with_past: bool = False) -> Sequence[WindowView]:
        query = {"past": "true"} if with_past else {}
        return self._door.get("/maintenance", **query).each("windows", documents.window)

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
        body = {
            "title": _words(title), "impact": _words(impact), "start": instant(start),
            "end": instant(end), "components": list(components), "reason": reason,
        }  # fmt: skip
        saved = documents.window(self._door.post("/maintenance", body))
        failing = self._door.get(f"{_window(saved.window.id)}/failing")
        return NewWindowView(
            window=saved.window, phase=saved.phase, is_excluded=saved.is_excluded,
            already_failing=failing.each("components", documents.component_status),
        )  # fmt: skip

    def extend(
        self, wanted: str, *, end: Second, reason: str = "", revision: int | None = None
    ) -> WindowView:
        body = {"end": instant(end), "reason": reason}
        path = f"{_window(wanted)}/extension"
        return documents.window(self._door.act(path, body, revision=revision))

    def cancel(self, wanted: str, *, reason: str = "", revision: int | None = None) -> WindowView:
        query = {"reason": reason} if reason else {}
        return documents.window(self._door.delete(_window(wanted), revision=revision, **query))


class RemoteAccounts:
    """Implements `monitor.client.ports.Accounts`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def every(self) -> Sequence[AccountView]:
        return self._door.get("/accounts").each("accounts", documents.account)

    def named(self, name: str) -> AccountView:
        return documents.account(self._door.get(_account(name)))

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
        if elsewhere is not None and has_password and password is None:
            raise NotAsked(
                "through a door no password is made for who signs in at the provider: type one, or "
                "say --no-password"
            )
        meant = elsewhere if has_password else elsewhere or AtProvider()
        body = {
            "name": name, "roles": list(roles), "services": list(services) or None,
            "full_name": full_name, "password": password, "elsewhere": _elsewhere(meant),
        }  # fmt: skip
        return self._with_password("/accounts", body, password)

    def change(
        self,
        name: str,
        *,
        roles: Collection[AccountRole] | None = None,
        services: Collection[ServiceId] | None = None,
        elsewhere: AtProvider | None = None,
        revision: int | None = None,
    ) -> AccountView:
        body: dict[str, Any] = {} if roles is None else {"roles": list(roles)}
        if services is not None:
            body["services"] = list(services) or None
        if elsewhere is not None:
            body["elsewhere"] = _elsewhere(elsewhere)
        return documents.account(self._door.patch(_account(name), body, revision=revision))

    def disable(self, name: str, *, revision: int | None = None) -> AccountView:
        return documents.account(self._door.act(f"{_account(name)}/disable", revision=revision))

    def enable(self, name: str, *, revision: int | None = None) -> AccountView:
        return documents.account(self._door.act(f"{_account(name)}/enable", revision=revision))

    def reset(
        self, name: str, *, password: str | None = None, revision: int | None = None
    ) -> tuple[AccountView, str]:
        path, body = f"{_account(name)}/reset", {"password": password}
        return self._with_password(path, body, password, revision)

    def _with_password(
        self, path: str, body: Mapping[str, Any], given: str | None, revision: int | None = None
    ) -> tuple[AccountView, str]:
        answer = self._door.post(path, body, revision=revision)
        saved = documents.account(answer.one("account"))
        return saved, (answer.text_or_none("password") or "") if given is None else given


class RemoteTokens:
    """Implements `monitor.client.ports.Tokens`."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def visible(self) -> Sequence[TokenView]:
        return self._door.get("/tokens").each("tokens", documents.token)

    def create(
        self, label: str, *, owner: str, scopes: Collection[Scope] | None, days: int | None
    ) -> tuple[TokenView, str]:
        body = {
            "label": label, "owner": owner, "days": days,
            "scopes": None if scopes is None else list(scopes),
        }  # fmt: skip
        answer = self._door.post("/tokens", body)
        return documents.token(answer.one("token")), answer.text("secret")

    def revoke(self, wanted: str) -> TokenView:
        return documents.token(self._door.delete(f"/tokens/{step(wanted)}"))


def _incident(wanted: str) -> str:
    return f"/incidents/{step(wanted)}"


def _window(wanted: str) -> str:
    return f"/maintenance/{step(wanted)}"


def _elsewhere(meant: AtProvider | None) -> dict[str, str | None] | None:
    return None if meant is None else {"email": meant.email, "subject": meant.subject}


def _account(name: str) -> str:
    return f"/accounts/{step(name)}"


def _words(text: Text | None) -> dict[str, str] | None:
    return None if text is None else dict(text.by_locale)
