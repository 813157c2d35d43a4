"""How the product runs: its own line, whom it wakes, where it keeps and tells what it saw."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from monitor.config.schema.base import Count, Schema
from monitor.config.schema.values import (
    HostName,
    HostPort,
    Line,
    Milliseconds,
    NameServer,
    Network,
    Seconds,
    Slug,
)


class LineSchema(Schema):
    """Addresses that are not ours. While too few answer, our own line is cut: nothing is down."""

    targets: Annotated[list[HostPort], Field(min_length=1)]
    """What should always answer a TCP connection."""
    need: Count = 1
    """How many have to."""
    timeout: Milliseconds = 3000
    """How long each may take."""


class GateSchema(LineSchema):
    """Another line, for checks that name it."""

    id: Slug
    """Its name, for `gate` of a check."""


class ConnectivitySchema(LineSchema):
    """How the monitor knows that its own line works: addresses that are not ours. While too few
    of them answer, nothing is called down."""

    gates: list[GateSchema] = []
    """Further gates, for checks behind another line."""


class TargetSchema(Schema):
    id: Slug
    """Its lasting name."""
    kind: Line
    """The notifier."""
    settings: dict[str, Any] = {}
    """The notifier's own settings."""


class RouteSchema(Schema):
    """A chain of targets: the next has the message where one fails for good."""

    id: Slug
    """Its lasting name."""
    via: Annotated[list[TargetSchema], Field(min_length=1)]
    """Where messages go, first choice first."""
    components: list[Slug] | None = None
    """Only for these; none: for all."""


class AlertsSchema(Schema):
    """Whom to wake, and when."""

    routes: list[RouteSchema] = []
    """Each has every message."""
    group_wait: Seconds = 30
    """The first message waits so long for whatever falls together."""
    group_interval: Seconds = 300
    """What joins later is told so often at most, however much it is."""
    line_hold: Seconds = 60
    """How long our own line, or our resolver, has to work before the notice of it is taken back."""
    observe: Seconds = 900
    """How long everything has to work before an incident is resolved."""
    flap_changes: Count = 6
    """A component that fell or came back more often within `flap_window` is unstable."""
    flap_window: Seconds = 3600
    """How far back its changes are counted."""
    rejoin: Seconds = 604_800
    """What nobody watched for a while and is still down goes on in its incident for so long."""
    remind_every: Seconds | None = None
    """Say again that an incident is open; none: never."""
    next_update: Seconds = 1800
    """When the page promises the next word."""


class StoreSchema(Schema):
    """Where results and latencies are kept for people to look at; money does not rest on them."""

    kind: Line = "sqlite"
    """The kind of store; `sqlite` is files beside the product."""
    settings: dict[str, Any] = {}
    """The store's own settings."""


class ResolverSchema(Schema):
    """Our own resolver, which is part of our line. A look whose name was not found says nothing of
    its target while every server fails the control names too."""

    servers: list[NameServer] = []
    """Whom the checks ask for names, in place of those of /etc/resolv.conf."""
    controls: list[HostName] = ["google.com", "wikipedia.org"]
    """Names that exist, of different operators and of zones without DNSSEC; asked only when a
    look by name failed, with a label before them that no cache knows. Empty: never asked."""
    timeout: Milliseconds = 3000
    """How long a server may take to answer about them."""


class OperationsSchema(Schema):
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
    resolver: ResolverSchema = ResolverSchema()
    """Our own resolver."""
