"""Warns of what is allowed but unwise: `estado config check` prints it, and nothing refuses it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from monitor.config.compiling.build import host_of, is_loopback
from monitor.config.schema.values import write_duration
from monitor.domain.catalogue import (
    Affects,
    Alerting,
    AlertTarget,
    Catalogue,
    Check,
    Operations,
    Page,
    Route,
)
from monitor.domain.secret import Secret

_HOSTS = frozenset({"host", "server", "relay"})
_ADDRESSES = frozenset({"url", "target"})
_RECIPIENTS = frozenset({"recipients", "to"})
_MAIL = frozenset({"smtp", "imap", "pop3"})
_PLACEHOLDER = "change-me."


_LEAST_S = {"group_interval": 60, "remind_every": 60, "line_hold": 10}
"""Settings that limit how often operators get messages, and the least value that limits it."""


def warnings_of(catalogue: Catalogue, *, looks_for_secrets: bool = True) -> tuple[str, ...]:
    """One sentence each, the most dangerous first. Whether secrets are there is looked up on this
    machine: not for who may not know."""
    return (
        *_alerts(catalogue),
        *_storms(catalogue.alerting),
        *_placeholders(catalogue),
        *_unwatched(catalogue),
        *_open_history(catalogue.operations),
        *_private_pages_in_clear(catalogue.page),
        *(_missing_secrets(catalogue) if looks_for_secrets else ()),
    )


def _alerts(catalogue: Catalogue) -> Iterator[str]:
    routes = catalogue.alerting.routes
    if not routes:
        yield "alerts: there is no route, so that nobody is told of an incident"
        return
    monitored = _monitored_hosts(catalogue)
    mail_hosts = {
        host for check in catalogue.checks if check.kind in _MAIL for host in _hosts(check)
    }
    for route in routes:
        for target in route.targets:
            yield from _through_monitored(route, target, monitored, mail_hosts)
    transports = {t for route in routes for t in map(_transport, route.targets)}
    if len(transports) == 1:
        yield (
            f"alerts: every message goes through {_name(*transports.pop())}; "
            "when that fails, nobody is told"
        )
    without_route = [c.id for c in catalogue.components if not _has_route(routes, c.id)]
    if without_route:
        yield f"alerts: no route has messages about {', '.join(without_route)}"


def _storms(alerting: Alerting) -> Iterator[str]:
    for name, least_s in _LEAST_S.items():
        given = getattr(alerting, name)
        if given is not None and given < least_s:
            yield (
                f"alerts.{name}: {write_duration(given * 1000)} bounds nothing, for in trouble a "
                "target may have a message as often as that; take "
                f"{write_duration(least_s * 1000)} or more"
            )


def _has_route(routes: tuple[Route, ...], component: str) -> bool:
    return any(r.components is None or component in r.components for r in routes)


def _through_monitored(
    route: Route, target: AlertTarget, monitored: Mapping[str, str], mail_hosts: set[str]
) -> Iterator[str]:
    where = f"alerts: route {route.id} passes through"
    for host in sorted(spec_hosts(target.spec) & monitored.keys()):
        yield f"{where} {host}, which the check {monitored[host]} watches: it may fail with it"
    for domain in sorted(_mail_domains(target.spec)):
        if any(host == domain or host.endswith(f".{domain}") for host in mail_hosts):
            yield f"{where} mailboxes at {domain}, whose mail is watched: they may fail with it"


def _monitored_hosts(catalogue: Catalogue) -> Mapping[str, str]:
    """Each host with the first check that watches it."""
    found: dict[str, str] = {}
    for check in catalogue.checks:
        for host in _hosts(check):
            found.setdefault(host, check.id)
    return found


def _hosts(check: Check) -> set[str]:
    named = {check.host.lower()} if check.host else set()
    return named | spec_hosts(check.spec)


def spec_hosts(spec: object) -> set[str]:
    """The hosts that a specification names, in small letters; a secret stays closed."""
    found = set()
    for name, value in _settings(spec):
        if name in _HOSTS and isinstance(value, str) and value:
            found.add(value.lower())
        elif name in _ADDRESSES and isinstance(value, str):
            found.add(host_of(value).lower())
    return found - {""}


def _mail_domains(spec: object) -> set[str]:
    addresses = [value for name, value in _settings(spec) if name in _RECIPIENTS]
    flat = [a for value in addresses for a in ([value] if isinstance(value, str) else value)]
    return {a.rpartition("@")[2].strip(" >").lower() for a in flat if "@" in a}


def _transport(target: AlertTarget) -> tuple[str, str]:
    return target.kind, " ".join(sorted(spec_hosts(target.spec)))


def _name(kind: str, hosts: str) -> str:
    return f"{kind} at {hosts}" if hosts else kind


def _placeholders(catalogue: Catalogue) -> Iterator[str]:
    for check in catalogue.checks:
        if any(_PLACEHOLDER in host for host in spec_hosts(check.spec)):
            yield f"check {check.id}: its target is still the placeholder"


def _unwatched(catalogue: Catalogue) -> Iterator[str]:
    deciding = {c.component for c in catalogue.checks if c.affects is not Affects.NOTHING}
    for component in catalogue.components:
        if component.id not in deciding:
            yield f"component {component.id}: no check decides about it; it shows no data"
    inhabited = {component.service for component in catalogue.components}
    for service in catalogue.services:
        if service.id not in inhabited:
            yield f"service {service.id}: it has no components, so that the page does not show it"
    if catalogue.checks and not catalogue.gates:
        yield "connectivity: nothing tells an outage of our own line from one of the services"
    if len(catalogue.operations.resolver.controls) == 1:
        yield (
            "operations.resolver.controls: one name alone; while its own servers are out, our "
            "resolver is doubted"
        )


def _open_history(operations: Operations) -> Iterator[str]:
    if not is_loopback(operations.history_host):
        yield (
            f"operations.history: {operations.history_host} answers whoever reaches it, without a "
            "sign-in; it is deprecated: keep it on loopback, and ask operations.console"
        )


def _private_pages_in_clear(page: Page) -> Iterator[str]:
    for brand in page.brand_pages:
        if brand.is_private and not brand.url.startswith("https:"):
            yield (
                f"page.brands: the links to {brand.id} and its cookies go in the clear over http; "
                "give it an https address"
            )


def _missing_secrets(catalogue: Catalogue) -> Iterator[str]:
    owners = [(f"check {c.id}", c.spec) for c in catalogue.checks]
    if (oidc := catalogue.operations.console.oidc) is not None:
        owners.append(("operations.console.oidc", oidc))
    owners.append(("credits.billing", catalogue.billing.spec))
    owners += [
        (f"target {t.id}", t.spec) for r in catalogue.alerting.every_route for t in r.targets
    ]
    for owner, spec in owners:
        for secret in _secrets(spec):
            reason = _why_missing(secret)
            if reason:
                yield f"{owner}: {reason} here; it must be there where the product runs"


def _secrets(value: object) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _secrets(item)
    else:
        for _, item in _settings(value):
            yield from _secrets(item)


def _why_missing(secret: Secret) -> str:
    reference = secret.reference
    if reference.startswith("${"):
        name = reference[2:-1]
        return "" if name in os.environ else f"the environment has no {name}"
    path = reference.removeprefix("file:")
    try:
        is_there = Path(path).is_file()
    except OSError as error:
        # For example a name that is longer than a file's may be.
        return f"{path} cannot be looked at ({error.strerror})"
    return "" if is_there else f"there is no file {path}"


def _settings(spec: object) -> Iterator[tuple[str, Any]]:
    if is_dataclass(spec) and not isinstance(spec, type):
        for field in fields(spec):
            yield field.name, getattr(spec, field.name)
