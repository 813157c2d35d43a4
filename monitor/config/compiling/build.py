"""Turns a shape without faults into the catalogue that the rest of the monitor works with."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from monitor.config.compiling.cross_references import (
    DEFAULT_CONNECTIVITY,
    NO_CONNECTIVITY,
    asked_host,
    components_of,
    host_of_url,
)
from monitor.config.compiling.effective_settings import effective_settings
from monitor.config.errors import Path
from monitor.config.schema.brands import BrandSchema
from monitor.config.schema.credits import BillingSchema
from monitor.config.schema.mirrors import MirrorSchema
from monitor.config.schema.operations import (
    ConnectivitySchema,
    ConsoleSchema,
    LineSchema,
    OidcSchema,
)
from monitor.config.schema.services import (
    CheckSchema,
    ComponentSchema,
    ConfigSchema,
    SupportSchema,
)
from monitor.config.schema.subscribers import SubscribersSchema, TelegramBotSchema
from monitor.config.schema.terms import TermsSchema
from monitor.config.schema.values import split_host_port, split_name_server
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import (
    Affects,
    Alerting,
    AlertTarget,
    Billing,
    Bounces,
    Brand,
    BrandPage,
    BudgetAlerts,
    Catalogue,
    Check,
    Component,
    ConfiguredTerms,
    ConnectivitySettings,
    Console,
    GitMirror,
    GroupRoles,
    MaintenanceRules,
    Mirror,
    OidcProvider,
    Operations,
    OwnResolver,
    Page,
    Role,
    Route,
    S3Mirror,
    Service,
    Store,
    Subscribers,
    SupportLevel,
    TelegramBot,
    Thresholds,
)
from monitor.domain.checks.observation import CheckId, ComponentId, ServiceId
from monitor.domain.text import plain

Specs = Mapping[Path, object]
"""The specification of each check, each alert's target, the store and the billing panel, by its
path in the shape."""

STORE_PATH: Path = ("store",)
BILLING_PATH: Path = ("credits", "billing")
_DAY = 86_400
_RAW_DAYS, _RAW_DAYS_REMOTE = 35, 7


_MIRROR_EVERY_S, _GIT_EVERY_S = 60, 600


def build(shape: ConfigSchema, specs: Specs, *, store_is_remote: bool = False) -> Catalogue:
    """The catalogue of a shape; equal shapes give equal catalogues."""
    zone = ZoneInfo(shape.timezone)
    return Catalogue(
        zone=zone,
        page=_page(shape),
        services=tuple(
            Service(id=ServiceId(s.id), name=s.name, description=s.description)
            for s in shape.services
        ),
        components=tuple(
            _component(shape.services[int(at[1])].id, component)
            for at, component in components_of(shape)
        ),
        checks=tuple(_checks(shape, specs)),
        gates=tuple(_connectivity_checks(shape.connectivity)),
        support=tuple(_support(level, zone, frozenset(shape.holidays)) for level in shape.support),
        alerting=_alerting(shape, specs),
        terms=tuple(_terms(terms, shape) for terms in shape.terms),
        maintenance=MaintenanceRules(
            hours=shape.maintenance.hours.in_zone(zone) if shape.maintenance.hours else None,
            min_notice=timedelta(seconds=shape.maintenance.min_notice),
        ),
        operations=_operations(shape, _RAW_DAYS_REMOTE if store_is_remote else _RAW_DAYS),
        store=Store(kind=shape.store.kind, spec=specs[STORE_PATH]),
        billing=_billing(shape.credits.billing, specs),
        subscribers=None if shape.subscribers is None else _subscribers(shape.subscribers),
    )


def _page(shape: ConfigSchema) -> Page:
    page = shape.page
    host, port = split_host_port(page.listen)
    return Page(
        name=page.name,
        company=page.company,
        url=page.url,
        brands=tuple(_brand(brand, shape) for brand in page.brands),
        locales=tuple(dict.fromkeys(str(lang) for lang in page.languages)),
        support_url=page.support_url,
        report_url=page.report_url,
        bind_host=host,
        bind_port=port,
        min_coverage=page.min_coverage,
        trusted_proxies=tuple(dict.fromkeys(page.trusted_proxies)),
        problem_form=page.problem_form,
        mirrors=tuple(map(_mirror, page.mirrors)),
    )


def _brand(brand: BrandSchema, shape: ConfigSchema) -> Brand:
    page = brand.page
    if page is None:
        return Brand(name=brand.name, url=brand.url)
    colours = page.colours
    shown = {c.id for s in shape.services if s.id in page.services for c in s.components}
    shown |= set(page.components)
    return Brand(
        name=brand.name,
        url=brand.url,
        page=BrandPage(
            id=page.id,
            name=page.name or plain(brand.name),
            company=brand.name,
            url=page.url,
            hosts=tuple(dict.fromkeys((host_of_url(page.url), *map(asked_host, page.hosts)))),
            # In the order in which the page shows them.
            components=tuple(ComponentId(c.id) for _, c in components_of(shape) if c.id in shown),
            sender=page.sender or "",
            logo=page.logo or "",
            light="" if colours is None else colours.light,
            dark="" if colours is None else colours.dark,
            is_private=page.private,
            support_url=page.support_url,
            report_url=page.report_url,
        ),
    )


def _mirror(mirror: MirrorSchema) -> Mirror:
    s3, git = mirror.s3, mirror.git
    return Mirror(
        id=mirror.id,
        every_s=mirror.every or (_GIT_EVERY_S if git is not None else _MIRROR_EVERY_S),
        folder=mirror.folder,
        s3=None
        if s3 is None
        else S3Mirror(
            endpoint=s3.endpoint,
            bucket=s3.bucket,
            prefix=s3.prefix,
            region=s3.region,
            access_key=s3.access_key,
            secret_key=s3.secret_key,
        ),
        git=None if git is None else GitMirror(url=git.url, branch=git.branch),
    )


def _component(service: str, component: ComponentSchema) -> Component:
    return Component(
        id=ComponentId(component.id),
        service=ServiceId(service),
        name=component.name,
        role=Role(component.role),
        is_public=component.public,
        quorum=component.quorum,
        group=component.group,
        depends_on=tuple(ComponentId(wanted) for wanted in component.depends_on),
        description=component.description,
    )


def _checks(shape: ConfigSchema, specs: Specs) -> list[Check]:
    return [
        _check(shape, component, check, specs[(*at, "checks", index)])
        for at, component in components_of(shape)
        for index, check in enumerate(component.checks)
    ]


def _check(
    shape: ConfigSchema, component: ComponentSchema, check: CheckSchema, spec: object
) -> Check:
    settings = effective_settings(check, shape.defaults)
    return Check(
        id=CheckId(check.id),
        component=ComponentId(component.id),
        kind=check.probe,
        spec=spec,
        policy=settings.policy,
        timeout_s=settings.timeout_ms / 1000,
        thresholds=Thresholds(slow_ms=_float(settings.slow_ms), usual_ms=_float(check.usual)),
        affects=Affects(check.affects),
        host=check.host,
        gate=_connectivity_check_of(check, has_default=shape.connectivity is not None),
    )


def _float(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else float(milliseconds)


def _connectivity_check_of(check: CheckSchema, *, has_default: bool) -> str | None:
    if check.connectivity_check is not None:
        return None if check.connectivity_check == NO_CONNECTIVITY else check.connectivity_check
    is_private = is_private_literal(host_of(check.target))
    return DEFAULT_CONNECTIVITY if has_default and not is_private else None


def host_of(target: str) -> str:
    """The host that a target names; empty where it names none.

    >>> host_of("https://a.example:8443/x"), host_of("[::1]:25"), host_of("dns:///a.example")
    ('a.example', '::1', '')
    """
    try:
        return urlsplit(target if "://" in target else f"//{target}").hostname or ""
    except ValueError:
        return ""


def is_private_literal(host: str) -> bool:
    """Whether a host is an address, or the name, of this machine or its own network.

    >>> is_private_literal("10.0.0.7"), is_private_literal("8.8.8.8"), is_private_literal("a.b")
    (True, False, False)
    """
    try:
        return not ipaddress.ip_address(host.partition("%")[0]).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_loopback(host: str) -> bool:
    """Whether what listens there is reached from this machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connectivity_checks(connectivity: ConnectivitySchema | None) -> list[ConnectivitySettings]:
    if connectivity is None:
        return []
    lines: list[tuple[str, LineSchema]] = [
        (DEFAULT_CONNECTIVITY, connectivity),
        *((line.id, line) for line in connectivity.further_checks),
    ]
    return [
        ConnectivitySettings(
            id=name, targets=tuple(line.targets), need=line.need, timeout_s=line.timeout / 1000
        )
        for name, line in lines
    ]


def _support(level: SupportSchema, zone: ZoneInfo, holidays: frozenset[date]) -> SupportLevel:
    hours = level.hours.in_zone(zone)
    return SupportLevel(
        id=level.id,
        name=level.name,
        hours=hours if hours.is_always else replace(hours, holidays=holidays),
        channels=level.channels,
        purpose=level.purpose,
        url=level.url,
        answer_within=_length(level.answer_within),
    )


def _length(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _alerting(shape: ConfigSchema, specs: Specs) -> Alerting:
    alerts = shape.alerts
    return Alerting(
        routes=_routes(shape, specs, "operators"),
        billing_routes=_routes(shape, specs, "billing"),
        budget=BudgetAlerts(
            at=tuple(sorted(set(alerts.budget.at))),
            operators_from=alerts.budget.operators_from,
            urgent_from=alerts.budget.urgent_from,
        ),
        group_wait=alerts.group_wait,
        group_interval=alerts.group_interval,
        line_hold=alerts.line_hold,
        observe=alerts.observe,
        flap_changes=alerts.flap_changes,
        flap_window=alerts.flap_window,
        rejoin=alerts.rejoin,
        remind_every=alerts.remind_every,
        next_update=alerts.next_update,
    )


def _routes(shape: ConfigSchema, specs: Specs, audience: str) -> tuple[Route, ...]:
    return tuple(
        Route(
            id=route.id,
            targets=tuple(
                AlertTarget(id=t.id, kind=t.kind, spec=specs["alerts", "routes", r, "via", i])
                for i, t in enumerate(route.via)
            ),
            components=(
                None if route.components is None else frozenset(map(ComponentId, route.components))
            ),
        )
        for r, route in enumerate(shape.alerts.routes)
        if route.audience == audience
    )


def _terms(terms: TermsSchema, shape: ConfigSchema) -> ConfiguredTerms:
    return ConfiguredTerms(id=terms.id, fields=terms_fields(terms, shape))


def terms_fields(terms: TermsSchema, shape: ConfigSchema) -> dict[str, object]:
    """The fields of `credits.terms`: numbers as exact text."""
    groups = {c.id: c.group for _, c in components_of(shape) if c.group is not None}
    fields: dict[str, object] = {
        "guarantee": terms.guarantee,
        "policy": terms.policy,
        "policy_version": terms.policy_version,
        "basis": terms.basis,
        "multiplier": terms.multiplier,
        "cap_fraction": terms.cap,
        "rounding": terms.rounding,
        "denominator": terms.denominator,
        "degraded_weight": terms.degraded_weight,
        "tiers": [{"below": t.below, "credit": t.credit} for t in terms.tiers],
        "maintenance_exclusion": {
            "enabled": terms.maintenance.excluded,
            "min_notice_s": terms.maintenance.min_notice,
        },
        "tz": shape.timezone,
        "groups": groups,
        "management": terms.management,
        "exclusions_allowed": list(dict.fromkeys(terms.exclusions)),
    }
    if terms.request_within:
        fields["request_within_s"] = terms.request_within
    if terms.request_paused_by is not None:
        fields["request_paused_by"] = terms.request_paused_by
    if terms.settings:
        fields["settings"] = dict(terms.settings)
    if terms.required is not None:
        fields["required"] = list(dict.fromkeys(terms.required))
    return fields


def _operations(shape: ConfigSchema, raw_days: int) -> Operations:
    operations = shape.operations
    host, port = split_host_port(operations.listen)
    history_host, history_port = split_host_port(operations.history)
    keep = operations.keep_results
    return Operations(
        ops_host=host,
        ops_port=port,
        history_host=history_host,
        history_port=history_port,
        console=_console(operations.console),
        journal_url=operations.journal,
        result_days=raw_days if keep is None else max(1, keep // _DAY),
        report_after=operations.report_after,
        max_concurrent=operations.max_concurrent,
        handshakes_per_tick=operations.handshakes_per_tick,
        allow_private=tuple(operations.allow_private),
        resolver=OwnResolver(
            servers=tuple(map(split_name_server, operations.resolver.servers)),
            controls=tuple(dict.fromkeys(operations.resolver.controls)),
            timeout_s=operations.resolver.timeout / 1000,
        ),
    )


def _console(console: ConsoleSchema) -> Console:
    host, port = split_host_port(console.listen)
    return Console(
        host=host,
        port=port,
        public_url=None if console.public_url is None else console.public_url.rstrip("/"),
        trusted_proxies=tuple(dict.fromkeys(console.trusted_proxies)),
        key_file=console.key_file,
        require_second_factor=frozenset(map(AccountRole, console.require_second_factor)),
        oidc=None if console.oidc is None else _oidc(console.oidc),
    )


def _oidc(oidc: OidcSchema) -> OidcProvider:
    return OidcProvider(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        scopes=tuple(dict.fromkeys(("openid", *oidc.scopes))),
        groups_claim=oidc.groups_claim,
        groups=tuple(
            GroupRoles(name=group.name, roles=frozenset(map(AccountRole, group.roles)))
            for group in oidc.groups
        ),
        second_factor=frozenset(oidc.second_factor),
        ca_file=oidc.ca_file,
    )


def _subscribers(subscribers: SubscribersSchema) -> Subscribers:
    server, bot, back = subscribers.server, subscribers.telegram, subscribers.bounces
    return Subscribers(
        sender=subscribers.sender,
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        password=server.password,
        ca_file=server.ca_file,
        timeout_s=server.timeout_s,
        connections=subscribers.connections,
        per_minute=subscribers.per_minute,
        tells_clients=subscribers.tells_clients,
        trusted_proxies=tuple(dict.fromkeys(subscribers.trusted_proxies)),
        channels=tuple(dict.fromkeys(subscribers.channels)),
        telegram=None if bot is None else _bot(bot),
        bounces=None if back is None else Bounces(address=back.address, maildir=back.maildir),
    )


def _bot(bot: TelegramBotSchema) -> TelegramBot:
    return TelegramBot(name=bot.name, token=bot.token, server=bot.server.rstrip("/"))


def _billing(billing: BillingSchema, specs: Specs) -> Billing:
    return Billing(
        kind=billing.kind,
        spec=specs[BILLING_PATH],
        by_itself=billing.by_itself,
        settle_s=billing.apply_settle,
        description=billing.description,
    )
