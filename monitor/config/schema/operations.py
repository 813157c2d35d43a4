"""How the product runs: its own line, whom it alerts, where it stores and publishes results."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from monitor.config.schema.base import Count, Schema
from monitor.config.schema.values import (
    AddressOrNetwork,
    HostName,
    HostPort,
    Line,
    Milliseconds,
    NameServer,
    Network,
    Seconds,
    Slug,
    Url,
)
from monitor.domain.secret import Secret

BudgetPercent = Literal[50, 80, 100]
RoleName = Literal["viewer", "operator", "billing", "approver", "admin"]


class LineSchema(Schema):
    """Addresses that are not ours. While too few of them answer, our own line counts as cut, and
    nothing as down."""

    targets: Annotated[list[HostPort], Field(min_length=1)]
    """Addresses that should always answer a TCP connection."""
    need: Count = 1
    """How many of them have to answer."""
    timeout: Milliseconds = 3000
    """How long each of them may take."""


class FurtherConnectivitySchema(LineSchema):
    """Another line, for the checks that name it in `connectivity_check`."""

    id: Slug
    """Its permanent id, which checks name in `connectivity_check`."""


class ConnectivitySchema(LineSchema):
    """How the monitor knows that its own line works: addresses that are not ours. While too few
    of them answer, nothing is reported as down."""

    further_checks: list[FurtherConnectivitySchema] = []
    """Further connectivity checks, for checks that use another line. Older name: `gates`."""


class TargetSchema(Schema):
    id: Slug
    """Its permanent id."""
    kind: Line
    """The kind of notifier."""
    settings: dict[str, Any] = {}
    """The notifier's own settings."""


class RouteSchema(Schema):
    """A chain of targets: where one fails for good, the next one gets the message."""

    id: Slug
    """Its permanent id."""
    via: Annotated[list[TargetSchema], Field(min_length=1)]
    """The targets of its messages, first choice first."""
    components: list[Slug] | None = None
    """Only messages about these components; none: about all."""
    audience: Literal["operators", "billing"] = "operators"
    """Who reads it. `billing` gets what is about money (`alerts.budget`), and nothing of incidents
    or of the monitor itself."""


class BudgetAlertsSchema(Schema):
    """When people are told of how much downtime of a month the contracts of the same terms have
    used up. Without contracts nobody is told anything."""

    at: list[BudgetPercent] = [50, 80, 100]
    """At which percent of what the guarantee allows; of 100 it is broken. Empty: never."""
    operators_from: BudgetPercent = 50
    """From which percent on the operators' routes are told; routes for billing are told of each."""
    urgent_from: BudgetPercent | None = 100
    """From which percent on a message is urgent, while an outage goes on; none: never. All others
    are of low priority."""


class AlertsSchema(Schema):
    """Whom to alert, and when."""

    routes: list[RouteSchema] = []
    """The routes; each gets every message for its audience."""
    budget: BudgetAlertsSchema = BudgetAlertsSchema()
    """When people are told that a guarantee is about to be broken."""
    group_wait: Seconds = 30
    """How long the first message waits, so that components that go down together share it."""
    group_interval: Seconds = 300
    """The least time between messages about what joins later, however much it is."""
    line_hold: Seconds = 60
    """How long our own line, or our resolver, has to work before the system alert about it is
    withdrawn."""
    observe: Seconds = 900
    """How long everything has to work before an incident is resolved."""
    flap_changes: Count = 6
    """A component that went down or recovered more often than this within `flap_window` is
    unstable."""
    flap_window: Seconds = 3600
    """The time within which these changes are counted."""
    rejoin: Seconds = 604_800
    """A component that was not watched for at most so long, and is still down, stays in its
    incident."""
    remind_every: Seconds | None = None
    """How often an open incident is reported again; none: never."""
    next_update: Seconds = 1800
    """How long after an update the page announces the next one."""


class StoreSchema(Schema):
    """Where results and latencies are kept for people to look at; money does not rest on them."""

    kind: Line = "sqlite"
    """The kind of store; `sqlite` uses files beside the product."""
    settings: dict[str, Any] = {}
    """The store's own settings."""


class ResolverSchema(Schema):
    """Our own resolver, which is part of our line. A check run whose name was not found says
    nothing about its target while every server fails for the control names too."""

    servers: list[NameServer] = []
    """The name servers that the checks use, in place of those in /etc/resolv.conf."""
    controls: list[HostName] = ["google.com", "wikipedia.org"]
    """Names that exist, of different operators and of zones without DNSSEC. They are queried only
    when a check run failed that looks a name up, with a label before them that no cache knows.
    Empty: they are never queried."""
    timeout: Milliseconds = 3000
    """How long a server may take to answer a query for them."""


class OidcGroupSchema(Schema):
    """A group at the provider, and what its members may do here."""

    name: Line
    """As the provider writes it in its claim."""
    roles: Annotated[list[RoleName], Field(min_length=1)]
    """The roles that it gives."""


class OidcSchema(Schema):
    """An OpenID provider, at which people sign in beside those who have a password here. It needs
    the extra `oidc`."""

    issuer: Url
    """Its address, to the letter as it calls itself in /.well-known/openid-configuration."""
    client_id: Line
    """What the provider calls this installation. Its redirect address there is `public_url`
    followed by /oidc/callback."""
    client_secret: Secret | None = None
    """A reference to the secret that the provider gave; none: it gave none, and PKCE is enough."""
    scopes: list[Line] = ["openid", "email", "profile"]
    """What is asked of it; some need one more for groups."""
    groups_claim: Line = "groups"
    """The claim in which it names a person's groups."""
    groups: list[OidcGroupSchema] = []
    """Members of these groups get an account at their first sign-in, and its roles anew at each;
    empty: nobody does, and accounts are made here."""
    second_factor: list[Line] = []
    """Values of the claims `amr` and `acr`, such as `mfa` or `otp`. With one of them the provider's
    word counts as a second factor; else a code is asked for where the account has one here."""
    ca_file: Line | None = None
    """The file of the authority that signed its certificate; none: the machine's own ones."""


class ConsoleSchema(Schema):
    """The API for people with accounts and for programs with tokens."""

    listen: HostPort = "127.0.0.1:9092"
    """The address at which the role `console` answers."""
    public_url: Url | None = None
    """Its address from outside, https and without path, where a web server with TLS stands in
    front; required where `listen` is not on loopback."""
    trusted_proxies: list[AddressOrNetwork] = []
    """The web servers in front, whose X-Forwarded-For says who the client is."""
    key_file: Line | None = None
    """The key by which second factors are encrypted, made where it is missing; none: `console.key`
    in the data folder. It is read when the role starts."""
    require_second_factor: list[RoleName] = []
    """Roles whose accounts may do nothing but set up a second factor until they have one; tokens
    open without. For an installation that others reach: `[admin, approver]`."""
    oidc: OidcSchema | None = None
    """An OpenID provider to sign in at; none: people sign in by password alone."""


class OperationsSchema(Schema):
    """Where the product listens, and how much it may do."""

    listen: HostPort = "127.0.0.1:9090"
    """The address of /metrics and /readyz, for operators; they name private components."""
    history: HostPort = "127.0.0.1:9091"
    """Deprecated: `console` answers the same to accounts and tokens. The former address of the
    history, without a sign-in; it names private components, so keep it on loopback."""
    console: ConsoleSchema = ConsoleSchema()
    """The API for people with accounts and for programs with tokens."""
    journal: Line | None = None
    """A database address without a password, or a reference to one; none: a SQLite file."""
    keep_results: Seconds | None = None
    """How long the result log keeps raw results; none: 35d, or 7d where a remote store has
    them."""
    report_after: Seconds = 86_400
    """How long after the end of a month its report is issued, so that late results are in it."""
    max_concurrent: Annotated[int, Field(ge=1, le=10_000)] = 200
    """How many check runs may be under way at the same time."""
    handshakes_per_tick: Annotated[int, Field(ge=1, le=1000)] = 20
    """How many check runs may begin at the same instant."""
    allow_private: list[Network] = []
    """Private networks to which a public target may lead (a redirect, a playlist)."""
    resolver: ResolverSchema = ResolverSchema()
    """Our own resolver."""
