"""What a configuration looks like, in the order in which a person thinks of it.

Each attribute's docstring is what editors show and what the reference page prints.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from monitor.config.schema.base import Count, Schema
from monitor.config.schema.hours import OpeningHours
from monitor.config.schema.operations import (
    AlertsSchema,
    ConnectivitySchema,
    OperationsSchema,
    StoreSchema,
)
from monitor.config.schema.terms import TermsSchema
from monitor.config.schema.values import (
    HostPort,
    Line,
    Milliseconds,
    Seconds,
    Share,
    Slug,
    Url,
    Words,
    Zone,
)


class BrandSchema(Schema):
    name: Line
    """As the public knows it."""
    url: Url | None = None
    """Its site."""


class PageSchema(Schema):
    """The public page, and whose it is."""

    name: Words
    """The page's name."""
    company: Line
    """Who provides the services."""
    url: Url
    """The page's public address; messages link to it."""
    brands: list[BrandSchema] = []
    """Names under which the company sells."""
    languages: Annotated[list[Literal["es", "en"]], Field(min_length=1)] = ["es", "en"]
    """Languages of the page; the first one is its own."""
    support_url: Url | None = None
    """Where a customer asks for help."""
    report_url: Url | None = None
    """Where a customer reports an error."""
    listen: HostPort = "127.0.0.1:8080"
    """Where the page is served, behind your web server."""
    min_coverage: Share = "0.5"
    """The least part of a period that was watched for its uptime percentage to be shown."""


class SupportSchema(Schema):
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


class DefaultsSchema(Schema):
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


class CheckSchema(Schema):
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


class ComponentSchema(Schema):
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
    """On the page; else in metrics and reports alone, and its outages alert nobody."""
    quorum: Count | None = None
    """It works while so many of its checks do; none: while all do."""
    group: Slug | None = None
    """A redundant set: down when all of it is."""
    depends_on: list[Slug] = []
    """Components whose fall explains this one's."""
    checks: list[CheckSchema] = []
    """How it is looked at."""


class ServiceSchema(Schema):
    """A group of components on the page."""

    id: Slug
    """Its lasting name."""
    name: Words
    """What the public reads."""
    description: Words | None = None
    """A line below the name."""
    components: list[ComponentSchema] = []
    """What it is made of."""


class MaintenanceSchema(Schema):
    """When planned work is allowed; anything else needs a reason."""

    hours: OpeningHours | None = None
    """Work has to lie in these; none: at any time."""
    min_notice: Seconds = 0
    """How long before its start it has to be announced."""


class ConfigSchema(Schema):
    """The whole file."""

    page: PageSchema
    """The public page, and whose it is."""
    timezone: Zone
    """The company's time zone: months, hours, the page's times."""
    support: list[SupportSchema] = []
    """Support levels, in the page's order."""
    terms: list[TermsSchema] = []
    """What is promised; the first one is the default."""
    connectivity: ConnectivitySchema | None = None
    """How the monitor knows that its own line works; none: it believes in it."""
    alerts: AlertsSchema = AlertsSchema()
    """Whom to wake, and when."""
    maintenance: MaintenanceSchema = MaintenanceSchema()
    """When planned work is allowed."""
    store: StoreSchema = StoreSchema()
    """Where results are kept."""
    operations: OperationsSchema = OperationsSchema()
    """Where the product listens, and how much it may do."""
    defaults: DefaultsSchema = DefaultsSchema()
    """For checks that do not say otherwise."""
    services: list[ServiceSchema]
    """What is offered, in the page's order."""
