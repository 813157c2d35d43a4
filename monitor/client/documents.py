"""Documents of the API as the values that commands print."""

from __future__ import annotations

from monitor.client.reading import Fields
from monitor.client.views import AccountView, TokenView, WindowView
from monitor.domain.accounts.account import AccountName, TokenState
from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.incidents.incident import (
    Affected,
    ComponentStatus,
    Impact,
    Incident,
    IncidentEvent,
    IncidentId,
    Origin,
    Phase,
    Statement,
    Update,
)
from monitor.domain.maintenance import (
    Extension,
    MaintenanceId,
    MaintenancePhase,
    MaintenanceWindow,
)


def incident(found: Fields) -> Incident:
    title, machine_title = found.words("title"), found.words("machine_title")
    return Incident(
        id=IncidentId(found.text("id")),
        phase=found.choice("phase", Phase),
        impact=found.choice("impact", Impact),
        started_at=found.second("started_at"),
        created_at=found.second("created_at"),
        machine_title=machine_title,
        person_title=None if title == machine_title else title,
        monitoring_at=found.second_or_none("monitoring_at"),
        resolved_at=found.second_or_none("resolved_at"),
        affected=found.each("parts", _affected),
        updates=found.each("updates", _update),
        revision=found.number("revision"),
        origin=found.choice("origin", Origin),
        statements=found.each("statements", _statement),
        related=tuple(map(IncidentId, found.texts("related"))),
        merged_into=_id_or_none(found, "merged_into"),
    )


def _id_or_none(found: Fields, name: str) -> IncidentId | None:
    text = found.text_or_none(name)
    return None if text is None else IncidentId(text)


def _statement(found: Fields) -> Statement:
    return Statement(
        component=ComponentId(found.text("component")),
        status=found.choice("status", Outcome),
        start=found.second("start"),
        end=found.second_or_none("end"),
    )


def _affected(found: Fields) -> Affected:
    return Affected(
        component=ComponentId(found.text("component")),
        status=found.choice("status", Outcome),
        start=found.second("start"),
        end=found.second_or_none("end"),
        cause=found.text("cause"),
        is_dependent=found.flag("is_dependent"),
        is_unwatched=found.flag("is_unwatched"),
    )


def _update(found: Fields) -> Update:
    return Update(
        number=found.number("number"),
        at=found.second("at"),
        phase=found.choice("phase", Phase),
        event=found.choice("event", IncidentEvent),
        actor=found.text("actor"),
        machine=found.words_or_none("machine"),
        person=found.words_or_none("person"),
        former=found.each_words("former"),
        corrected_at=found.second_or_none("corrected_at"),
        next_update_at=found.second_or_none("next_update_at"),
    )


def window(found: Fields) -> WindowView:
    return WindowView(
        window=_window(found),
        phase=found.choice("phase", MaintenancePhase),
        is_excluded=found.flag("is_excluded"),
    )


def _extension(found: Fields) -> Extension:
    return Extension(
        start=found.second("start"),
        end=found.second("end"),
        published_at=found.second_or_none("published_at"),
    )


def _window(found: Fields) -> MaintenanceWindow:
    return MaintenanceWindow(
        id=MaintenanceId(found.text("id")),
        title=found.words("title"),
        impact=found.words("impact"),
        start=found.second("start"),
        end=found.second("end"),
        components=tuple(map(ComponentId, found.texts("components"))),
        published_at=found.second_or_none("published_at"),
        cancelled_at=found.second_or_none("cancelled_at"),
        extensions=found.each("extensions", _extension),
        reason=found.text("reason"),
        created_by=found.text("created_by"),
        revision=found.number("revision"),
    )


def component_status(found: Fields) -> ComponentStatus:
    return ComponentStatus(
        component=ComponentId(found.text("component")),
        status=found.choice("status", Outcome),
        since=found.second("since"),
        cause=found.text("cause"),
    )


def account(found: Fields) -> AccountView:
    return AccountView(
        name=AccountName(found.text("name")),
        full_name=found.text("full_name"),
        roles=found.choices("roles", AccountRole),
        services=frozenset(map(ServiceId, found.texts_or_none("services") or ())),
        has_password=found.flag("has_password"),
        has_second_factor=found.flag("has_second_factor"),
        email=found.text_or_none("email"),
        issuer=found.text_or_none("issuer"),
        subject=found.text_or_none("subject"),
        follows_groups=found.flag("follows_groups"),
        created_at=found.second("created_at"),
        disabled_at=found.second_or_none("disabled_at"),
        password_changed_at=found.second("password_changed_at"),
        last_signed_in_at=found.second_or_none("last_signed_in_at"),
        revision=found.number("revision"),
    )


def token(found: Fields) -> TokenView:
    return TokenView(
        id=found.text("id"),
        label=found.text("label"),
        owner=AccountName(found.text("owner")),
        scopes=found.choices("scopes", Scope),
        created_at=found.second("created_at"),
        expires_at=found.second_or_none("expires_at"),
        last_used_at=found.second_or_none("last_used_at"),
        revoked_at=found.second_or_none("revoked_at"),
        state=found.choice("state", TokenState),
    )
