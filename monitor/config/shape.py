"""What a configuration looks like, in the order in which a person thinks of it.

Each attribute's docstring is what editors show and what the reference page prints.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitor.config.hours import OpeningHours
from monitor.config.values import (
    HostPort,
    Line,
    Milliseconds,
    Network,
    Number,
    Seconds,
    Share,
    Slug,
    Url,
    Words,
    Zone,
)

Count = Annotated[int, Field(ge=1, le=1000)]
Cause = Literal[
    "force_majeure",
    "external_provider",
    "customer",
    "customer_overload",
    "dns_foreign",
    "tls_free_cert",
]
CAUSES: tuple[Cause, ...] = (
    "force_majeure",
    "external_provider",
    "customer",
    "customer_overload",
    "dns_foreign",
    "tls_free_cert",
)


class Shape(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


class BrandShape(Shape):
    name: Line
    """As the public knows it."""
    url: Url | None = None
    """Its site."""


class PageShape(Shape):
    """The public page, and whose it is."""

    name: Words
    """The page's name."""
    company: Line
    """Who provides the services."""
    url: Url
    """The page's public address; messages link to it."""
    brands: list[BrandShape] = []
    """Names under which the company sells."""
    languages: Annotated[list[Literal["es", "en"]], Field(min_length=1)] = ["es", "en"]
    """Languages of the page; the first one is its own."""
    support_url: Url | None = None
    """Where a customer asks for help."""
    report_url: Url | None = None
    """Where a customer reports an error."""
    listen: HostPort = "127.0.0.1:8080"
    """Where the page is served, behind your web server."""


class SupportShape(Shape):
    """A support level, to which the page guides its visitors."""

    id: Slug
    """Its lasting name."""
    name: Words
    """What the public reads."""
    hours: OpeningHours
    """When somebody answers, in the time zone above."""
    channels: Words
    """How to get in touch."""
    purpose: Words
    """What it is for."""
    url: Url | None = None
    """Where to get in touch."""


class TierShape(Shape):
    below: Share
    """Uptime strictly below this…"""
    credit: Share
    """…earns this part of the price."""


class MaintenanceTermsShape(Shape):
    excluded: bool = True
    """Planned work takes its time out of the guarantee, if it was published in time."""
    min_notice: Seconds = 0
    """How long before its start it has to be public."""


class TermsShape(Shape):
    """What is promised, and what a broken promise is worth."""

    id: Slug
    """Its lasting name."""
    guarantee: Share
    """Uptime below this is a breach."""
    policy: Line = "prorata"
    """How a credit is computed."""
    policy_version: Count = 1
    """Which version of it; what was promised keeps its own."""
    basis: Literal["full_downtime", "excess_over_allowance"] = "full_downtime"
    """Which downtime a breach pays for."""
    multiplier: Number = "1"
    """How many times the price of the lost time is credited."""
    tiers: list[TierShape] = []
    """For the policy `tiers`."""
    cap: Share = "1"
    """The most that is credited, as a part of the line's price."""
    rounding: Literal["half_up", "half_even"] = "half_up"
    """Once for each invoice line, to the currency's smallest coin."""
    denominator: Literal["contracted", "measured"] = "contracted"
    """Of which time uptime is a part."""
    degraded_weight: Share = "0"
    """How much of slow time counts as downtime."""
    maintenance: MaintenanceTermsShape = MaintenanceTermsShape()
    """Planned work."""
    exclusions: list[Cause] = list(CAUSES)
    """Causes which a person may classify as not the company's."""
    required: list[Slug] | None = None
    """Components whose failure is the product's; none: all that are no courtesy."""
    management: Line = "managed"
    """Who manages the product, fixed at signup."""


class LineShape(Shape):
    """Addresses that are not ours. While too few answer, our own line is cut: nothing is down."""

    targets: Annotated[list[HostPort], Field(min_length=1)]
    """What should always answer a TCP connection."""
    need: Count = 1
    """How many have to."""
    timeout: Milliseconds = 3000
    """How long each may take."""


class GateShape(LineShape):
    """Another line, for checks that name it."""

    id: Slug
    """Its name, for `gate` of a check."""


class ConnectivityShape(LineShape):
    """How the monitor knows that its own line works: addresses that are not ours. While too few
    of them answer, nothing is called down."""

    gates: list[GateShape] = []
    """Further gates, for checks behind another line."""


class TargetShape(Shape):
    id: Slug
    """Its lasting name."""
    kind: Line
    """The notifier."""
    settings: dict[str, Any] = {}
    """The notifier's own settings."""


class RouteShape(Shape):
    """A chain of targets: the next has the message where one fails for good."""

    id: Slug
    """Its lasting name."""
    via: Annotated[list[TargetShape], Field(min_length=1)]
    """Where messages go, first choice first."""
    components: list[Slug] | None = None
    """Only for these; none: for all."""


class AlertsShape(Shape):
    """Whom to wake, and when."""

    routes: list[RouteShape] = []
    """Each has every message."""
    group_wait: Seconds = 30
    """The first message waits so long for whatever falls together."""
    observe: Seconds = 900
    """How long everything has to work before an incident is resolved."""
    remind_every: Seconds | None = None
    """Say again that an incident is open; none: never."""
    next_update: Seconds = 1800
    """When the page promises the next word."""


class DefaultsShape(Shape):
    """For checks that do not say otherwise."""

    interval: Seconds = 60
    """From one look to the next."""
    timeout: Milliseconds = 10_000
    """How long a look may take; shorter than the interval."""
    confirm_down: Count = 3
    """Failures in a row that make an outage; it counts from the first."""
    confirm_up: Count = 1
    """Successes in a row that end it; it ends with the first."""
    max_gap: Seconds | None = None
    """Looks further apart leave a gap without data; none: twice the interval."""
    slow: Milliseconds | None = None
    """Looks that take longer are slow; none: never."""
    slow_confirm: Count = 3
    """Slow looks that confirm it…"""
    slow_window: Count = 5
    """…out of so many."""


class CheckShape(Shape):
    """One way of looking at a component."""

    id: Slug
    """Its lasting name; never used again for something else."""
    probe: Line
    """What kind of look."""
    target: Line
    """At what: a URL, or host:port."""
    settings: dict[str, Any] = {}
    """The probe's own settings."""
    interval: Seconds | None = None
    """From one look to the next."""
    timeout: Milliseconds | None = None
    """How long a look may take; shorter than the interval."""
    confirm_down: Count | None = None
    """Failures in a row that make an outage."""
    confirm_up: Count | None = None
    """Successes in a row that end it."""
    max_gap: Seconds | None = None
    """Looks further apart leave a gap without data."""
    slow: Milliseconds | None = None
    """Looks that take longer are slow."""
    slow_confirm: Count | None = None
    """Slow looks that confirm it."""
    slow_window: Count | None = None
    """Out of so many."""
    usual: Milliseconds | None = None
    """What is usual, for the public's sentence."""
    affects: Literal["down", "degraded", "nothing"] = "down"
    """The most it can do to its component."""
    gate: Line | None = None
    """A gate's id, or `none`. By default private targets have none, all others the default."""
    host: Line | None = None
    """The machine it looks at: what falls on one machine is one incident."""


class ComponentShape(Shape):
    """What the public sees and money counts."""

    id: Slug
    """Its lasting name; never used again for something else."""
    name: Words
    """What the public reads."""
    description: Words | None = None
    """A line below the name."""
    role: Literal["required", "courtesy"] = "required"
    """A courtesy is shown and earns no credit."""
    public: bool = True
    """On the page, or for operators alone."""
    quorum: Count | None = None
    """It works while so many of its checks do; none: while all do."""
    group: Slug | None = None
    """A redundant set: down when all of it is."""
    depends_on: list[Slug] = []
    """Components whose fall explains this one's."""
    checks: list[CheckShape] = []
    """How it is looked at."""


class ServiceShape(Shape):
    """A group of components on the page."""

    id: Slug
    """Its lasting name."""
    name: Words
    """What the public reads."""
    description: Words | None = None
    """A line below the name."""
    components: list[ComponentShape] = []
    """What it is made of."""


class MaintenanceShape(Shape):
    """When planned work is allowed; anything else needs a reason."""

    hours: OpeningHours | None = None
    """Work has to lie in these; none: at any time."""
    min_notice: Seconds = 0
    """How long before its start it has to be announced."""


class StoreShape(Shape):
    """Where results and latencies are kept for people to look at; money does not rest on them."""

    kind: Line = "sqlite"
    """The store: `sqlite` beside the product, or `influx`."""
    settings: dict[str, Any] = {}
    """The store's own settings."""


class OperationsShape(Shape):
    """Where the product listens, and how much it may do."""

    listen: HostPort = "127.0.0.1:9090"
    """Operators' /metrics and /readyz; they name private components."""
    history: HostPort = "127.0.0.1:9091"
    """Operators' history API; it names private components."""
    journal: Line | None = None
    """A database address without a password, or a reference to one; none: a SQLite file."""
    keep_results: Seconds | None = None
    """How long the result log keeps raw results; none: 35d, or 7d where a store elsewhere has
    them."""
    report_after: Seconds = 86_400
    """How long after a month's end its report is issued: what comes late is still in it."""
    max_concurrent: Annotated[int, Field(ge=1, le=10_000)] = 200
    """Looks at the same time."""
    handshakes_per_tick: Annotated[int, Field(ge=1, le=1000)] = 20
    """Looks begun at the same instant."""
    allow_private: list[Network] = []
    """Private networks to which a public target may lead (a redirect, a playlist)."""


class ConfigShape(Shape):
    """The whole file."""

    page: PageShape
    """The public page, and whose it is."""
    timezone: Zone
    """The company's time zone: months, hours, the page's times."""
    support: list[SupportShape] = []
    """Support levels, in the page's order."""
    terms: list[TermsShape] = []
    """What is promised; the first one is the default."""
    connectivity: ConnectivityShape | None = None
    """How the monitor knows that its own line works; none: it believes in it."""
    alerts: AlertsShape = AlertsShape()
    """Whom to wake, and when."""
    maintenance: MaintenanceShape = MaintenanceShape()
    """When planned work is allowed."""
    store: StoreShape = StoreShape()
    """Where results are kept."""
    operations: OperationsShape = OperationsShape()
    """Where the product listens, and how much it may do."""
    defaults: DefaultsShape = DefaultsShape()
    """For checks that do not say otherwise."""
    services: list[ServiceShape]
    """What is offered, in the page's order."""
