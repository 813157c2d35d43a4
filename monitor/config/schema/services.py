"""What a configuration looks like, in the order in which a person thinks of it.

Each attribute's docstring is what editors show and what the reference page prints.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from monitor.config.schema.base import Count, Schema
from monitor.config.schema.brands import BrandSchema
from monitor.config.schema.credits import CreditsSchema
from monitor.config.schema.hours import OpeningHours
from monitor.config.schema.mirrors import MirrorSchema
from monitor.config.schema.operations import (
    AlertsSchema,
    ConnectivitySchema,
    OperationsSchema,
    StoreSchema,
)
from monitor.config.schema.subscribers import SubscribersSchema
from monitor.config.schema.terms import TermsSchema
from monitor.config.schema.values import (
    AddressOrNetwork,
    Day,
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
from monitor.i18n.languages import Lang


class PageSchema(Schema):
    """The public page, and the company that it belongs to."""

    name: Words
    """The page's name."""
    company: Line
    """Who provides the services."""
    url: Url
    """The page's public address; messages link to it."""
    brands: list[BrandSchema] = []
    """Names under which the company sells."""
    languages: Annotated[list[Lang], Field(min_length=1)] = [Lang.ES, Lang.EN]
    """Languages of the page; the first one is its main language."""
    support_url: Url | None = None
    """Where a customer asks for help."""
    report_url: Url | None = None
    """Where a customer reports an error."""
    listen: HostPort = "127.0.0.1:8080"
    """Where the page is served, behind your web server."""
    min_coverage: Share = "0.5"
    """How much of a period has to be watched at least for its uptime percentage to be shown."""
    trusted_proxies: list[AddressOrNetwork] = []
    """The web servers in front of the page, whose X-Forwarded-For says who the client is: questions
    and forms are limited by the client's network. It is read when the role `page` starts."""
    problem_form: bool = False
    """Whether customers may say there that something fails: `estado problem list` shows it."""
    mirrors: list[MirrorSchema] = []
    """Copies elsewhere. They are read when the role `page` starts."""


class SupportSchema(Schema):
    """A support level, to which the page guides its visitors."""

    id: Slug
    """Its permanent id."""
    name: Words
    """The name that the public reads."""
    hours: OpeningHours
    """When somebody answers, in the company's time zone."""
    channels: Words
    """How to get in touch."""
    purpose: Words
    """What it is for."""
    url: Url | None = None
    """Where to get in touch."""
    answer_within: Seconds | None = None
    """How much of its hours may pass until an answer: `2h` from Friday at 16 is Monday at 11. None:
    no time is promised. On `holidays` it is closed."""


class DefaultsSchema(Schema):
    """Settings for checks that do not have their own."""

    interval: Seconds = 60
    """The time from one check run to the next."""
    timeout: Milliseconds = 10_000
    """How long a check run may take; shorter than the interval."""
    confirm_down: Count = 3
    """How many failures in a row make an outage; it counts from the first one."""
    confirm_up: Count = 1
    """How many successes in a row end an outage; it ends with the first one."""
    max_gap: Seconds | None = None
    """Check runs further apart than this leave a gap without data; none: twice the interval."""
    slow: Milliseconds | None = None
    """Check runs that take longer than this are slow; none: never."""
    slow_confirm: Count = 3
    """How many slow check runs confirm slowness…"""
    slow_window: Count = 5
    """…out of so many."""


class CheckSchema(Schema):
    """One way of checking a component."""

    id: Slug
    """Its permanent id; never used again for something else."""
    probe: Line
    """The kind of probe."""
    target: Line
    """What it checks: a URL, or host:port."""
    settings: dict[str, Any] = {}
    """The probe's own settings."""
    interval: Seconds | None = None
    """The time from one check run to the next."""
    timeout: Milliseconds | None = None
    """How long a check run may take; shorter than the interval."""
    confirm_down: Count | None = None
    """How many failures in a row make an outage."""
    confirm_up: Count | None = None
    """How many successes in a row end an outage."""
    max_gap: Seconds | None = None
    """Check runs further apart than this leave a gap without data."""
    slow: Milliseconds | None = None
    """Check runs that take longer than this are slow."""
    slow_confirm: Count | None = None
    """How many slow check runs confirm slowness…"""
    slow_window: Count | None = None
    """…out of so many."""
    usual: Milliseconds | None = None
    """The usual time of a check run, for the sentence that the public reads."""
    affects: Literal["down", "degraded", "nothing"] = "down"
    """The worst state that it can cause for its component."""
    connectivity_check: Line | None = None
    """The id of a connectivity check, or `none`. By default private targets have none, and all
    others the default one. Older name: `gate`."""
    host: Line | None = None
    """The machine that it checks: failures on one machine are one incident."""


class ComponentSchema(Schema):
    """A part of a service: what the public sees and credits count."""

    id: Slug
    """Its permanent id; never used again for something else."""
    name: Words
    """The name that the public reads."""
    description: Words | None = None
    """A line below the name."""
    role: Literal["required", "courtesy"] = "required"
    """A `courtesy` is shown and earns no credit."""
    public: bool = True
    """Whether it is on the page. If not, it is only in metrics and reports, and its outages alert
    nobody."""
    quorum: Count | None = None
    """How many of its checks have to work for it to work; none: all."""
    group: Slug | None = None
    """The redundant set that it belongs to, which is down when all of it is."""
    depends_on: list[Slug] = []
    """Components whose failure explains the failure of this one."""
    checks: list[CheckSchema] = []
    """The checks that watch it."""


class ServiceSchema(Schema):
    """A group of components on the page."""

    id: Slug
    """Its permanent id."""
    name: Words
    """The name that the public reads."""
    description: Words | None = None
    """A line below the name."""
    components: list[ComponentSchema] = []
    """The components of which it consists."""


class MaintenanceSchema(Schema):
    """When planned work is allowed; anything else needs a reason."""

    hours: OpeningHours | None = None
    """Planned work has to lie in these hours; none: at any time."""
    min_notice: Seconds = 0
    """How long before its start it has to be announced."""


class ConfigSchema(Schema):
    """The whole file."""

    page: PageSchema
    """The public page, and the company that it belongs to."""
    timezone: Zone
    """The company's time zone, for months, hours and the times on the page."""
    support: list[SupportSchema] = []
    """Support levels, in the page's order."""
    holidays: list[Day] = []
    """Days such as `2026-12-25`, on which no support level is open but those that are `always`: for
    the page, and for when an answer is due."""
    terms: list[TermsSchema] = []
    """What is promised to customers; the first one is the default."""
    connectivity: ConnectivitySchema | None = None
    """How the monitor knows that its own line works; none: it assumes so."""
    alerts: AlertsSchema = AlertsSchema()
    """Whom to alert, and when."""
    maintenance: MaintenanceSchema = MaintenanceSchema()
    """When planned work is allowed."""
    store: StoreSchema = StoreSchema()
    """Where results are kept."""
    subscribers: SubscribersSchema | None = None
    """Visitors who ask to be told, by e-mail or otherwise; none: nobody may."""
    credits: CreditsSchema = CreditsSchema()
    """What happens to credits beyond the figure."""
    operations: OperationsSchema = OperationsSchema()
    """Where the product listens, and how much it may do."""
    defaults: DefaultsSchema = DefaultsSchema()
    """Settings for checks that do not have their own."""
    services: list[ServiceSchema]
    """The services that are offered, in the page's order."""
