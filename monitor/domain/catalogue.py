"""The catalogue: everything that the configuration says, compiled, immutable, free of YAML.

`monitor.config` makes it, each revision is stored in the journal, and every role starts from it.
The specifications of checks, notifiers and policies are opaque here: each belongs to its kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from monitor.domain.accounts.identity import ProviderRules
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, LocationId, ServiceId
from monitor.domain.secret import Secret
from monitor.domain.text import Text
from monitor.domain.time.calendar import Hours
from monitor.domain.time.interval import Second

_T = TypeVar("_T")
_K = TypeVar("_K")
_V = TypeVar("_V")
_P = TypeVar("_P", "Component", "Check")


@lru_cache(maxsize=1024)
def _one_for_all(value: _T) -> _T:
    """The same object for equal values."""
    return value


class Role(StrEnum):
    """A component's weight in money: a courtesy (clause 15a) is shown and never counts."""

    REQUIRED = "required"
    COURTESY = "courtesy"


class Affects(StrEnum):
    """The most that a check can do to its component."""

    DOWN = "down"
    DEGRADED = "degraded"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """A run that takes longer than `slow_ms` in all its phases is `degraded`, class `too_slow`."""

    slow_ms: float | None = None
    usual_ms: float | None = None
    """What is usual, for the public sentence; None where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A target, a kind of probe, and how its results are judged.

    `timeout_s` is shorter than the interval. `host` groups checks of one machine. `gate` names the
    connectivity check that tests the monitor's own line; None: none does.
    """

    id: CheckId
    component: ComponentId
    kind: str
    spec: object
    policy: Policy
    timeout_s: float
    thresholds: Thresholds = Thresholds()
    affects: Affects = Affects.DOWN
    locations: tuple[LocationId, ...] = (LOCAL,)
    host: str | None = None
    gate: str | None = None

    def __post_init__(self) -> None:
        # Thousands of checks share a handful of these.
        for name in ("policy", "thresholds", "locations"):
            object.__setattr__(self, name, _one_for_all(getattr(self, name)))

    @property
    def interval(self) -> int:
        return self.policy.interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What the public sees and money counts; it rolls its checks up.

    `quorum` None: the worst check decides; k: at least k of its checks must work. `group` names a
    redundant set (credits). `depends_on` are components whose fall explains this one's.
    """

    id: ComponentId
    service: ServiceId
    name: Text
    role: Role = Role.REQUIRED
    is_public: bool = True
    quorum: int | None = None
    group: str | None = None
    depends_on: tuple[ComponentId, ...] = ()
    description: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A group of components on the page."""

    id: ServiceId
    name: Text
    description: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectivitySettings:
    """Addresses that are not ours; at least `need` must answer for our line to count as working.

    `targets` are `host:port` (TCP) of literal addresses or names.
    """

    id: str
    targets: tuple[str, ...]
    need: int = 1
    timeout_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportLevel:
    """One of the SLA levels that the page guides a visitor to."""

    id: str
    name: Text
    hours: Hours
    channels: Text
    purpose: Text
    url: str | None = None
    answer_within: timedelta | None = None
    """Of its hours; None: no time is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTarget:
    """Where one message goes: a channel's kind and its opaque specification. What a check looks at
    is a target too: the word alone means that."""

    id: str
    kind: str
    spec: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A chain of targets: the first is tried, and the next where it fails for good."""

    id: str
    targets: tuple[AlertTarget, ...]
    components: frozenset[ComponentId] | None = None
    """None: every component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAlerts:
    """Of how much of an allowance people are told, in percent: `at`; operators from
    `operators_from` on, and as urgent from `urgent_from` on (None: never) while an outage goes
    on."""

    at: tuple[int, ...] = (50, 80, 100)
    operators_from: int = 50
    urgent_from: int | None = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """Whom to wake, and when. Seconds."""

    routes: tuple[Route, ...] = ()
    billing_routes: tuple[Route, ...] = ()
    """They get what is about money, and nothing of incidents or of the monitor itself."""
    budget: BudgetAlerts = BudgetAlerts()
    group_wait: int = 30
    group_interval: int = 5 * 60
    """After a group's opening, what joins it is reported so often at most."""
    line_hold: int = 60
    observe: int = 15 * 60
    flap_changes: int = 6
    flap_window: int = 3_600
    """A component that changed more often than so within so long is unstable."""
    rejoin: int = 7 * 86_400
    """So long an outage whose end nobody saw, for its component was no longer watched, may go on in
    its incident."""
    remind_every: int | None = None
    next_update: int = 30 * 60

    @property
    def every_route(self) -> tuple[Route, ...]:
        return (*self.routes, *self.billing_routes)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandPage:
    """A status page of a brand's own: of these `components` alone, public elsewhere or not.

    `hosts` are the names by which visitors ask for it, lower case and without a port, that of its
    `url` first. `logo` is a data URL, `light` and `dark` are the colours of links and buttons in
    the two themes, as `#rrggbb`; empty: the product's own. A private one is shown to holders of a
    signed link alone. `sender` is that of its mails; empty: its name at the configured address.
    """

    id: str
    name: Text
    company: str
    url: str
    hosts: tuple[str, ...]
    components: tuple[ComponentId, ...]
    sender: str = ""
    logo: str = ""
    light: str = ""
    dark: str = ""
    is_private: bool = False
    support_url: str | None = None
    report_url: str | None = None
    """Where this brand's customers are led instead of where the company's are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    name: str
    url: str | None = None
    page: BrandPage | None = None

    @property
    def is_named_publicly(self) -> bool:
        """Whether the company's page names it: not where its own page is behind links, for that
        may be the page of one customer."""
        return self.page is None or not self.page.is_private


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Mirror:
    """A bucket of storage that speaks S3's protocol."""

    endpoint: str
    bucket: str
    access_key: Secret
    secret_key: Secret
    prefix: str = ""
    region: str = "us-east-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class GitMirror:
    url: str
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A copy of the page elsewhere: exactly one of `folder`, `s3` and `git` is set."""

    id: str
    every_s: int
    folder: str | None = None
    s3: S3Mirror | None = None
    git: GitMirror | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The public page's own settings."""

    name: Text
    company: str
    url: str
    brands: tuple[Brand, ...] = ()
    locales: tuple[str, ...] = ("es", "en")
    support_url: str | None = None
    report_url: str | None = None
    bind_host: str = "127.0.0.1"
    bind_port: int = 8080
    min_coverage: str = "0.5"
    """The least part of a window that has to be watched for a share of it to be shown; exact."""
    trusted_proxies: tuple[str, ...] = ()
    """The web servers in front of the page."""
    problem_form: bool = False
    """Whether customers may say there that something fails."""
    mirrors: tuple[Mirror, ...] = ()

    @property
    def brand_pages(self) -> tuple[BrandPage, ...]:
        return tuple(brand.page for brand in self.brands if brand.page is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredTerms:
    """The default SLA terms as written in the configuration: fields of `credits.terms`, as text.

    Decimals stay text here, for money is no float and no business of this layer.
    """

    id: str = "default"
    fields: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceRules:
    """When maintenance may be planned (clause 16e)."""

    hours: Hours | None = None
    min_notice: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """Where results are kept for people to look at: a kind of store, its opaque specification."""

    kind: str = "sqlite"
    spec: object = None
    """None: the kind's own defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnResolver:
    """The servers that check runs ask for names, and the names that show that these work."""

    servers: tuple[tuple[str, int], ...] = ()
    """(address, port); none: those of resolv.conf."""
    controls: tuple[str, ...] = ("google.com", "wikipedia.org")
    """Names that exist, of zones without signatures; none: the resolver is never doubted."""
    timeout_s: float = 3.0
    """How long each server may take to answer about them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRoles:
    """What members of a group at the provider may do here."""

    name: str
    roles: frozenset[AccountRole]


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcProvider:
    """Where people sign in who have no password here."""

    issuer: str
    client_id: str
    client_secret: Secret | None = None
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    groups_claim: str = "groups"
    groups: tuple[GroupRoles, ...] = ()
    second_factor: frozenset[str] = frozenset()
    """Of `amr` and `acr`: any of these counts as one."""
    ca_file: str | None = None

    @property
    def rules(self) -> ProviderRules:
        return ProviderRules(
            roles_of_group={group.name: group.roles for group in self.groups},
            second_factor=self.second_factor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Console:
    """The API: where it listens, and what stands in front of it."""

    host: str = "127.0.0.1"
    port: int = 9092
    public_url: str | None = None
    """Its address from outside."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR) of the web servers that say in X-Forwarded-For who the client is."""
    key_file: str | None = None
    """None: `console.key` in the data folder."""
    require_second_factor: frozenset[AccountRole] = frozenset()
    """Roles whose accounts have to have one."""
    oidc: OidcProvider | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramBot:
    """The bot that tells whoever starts it: `name` is its own, without the @. `server` takes what
    it sends."""

    name: str
    token: Secret
    server: str = "https://api.telegram.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounces:
    """Where mails come back to: `address`, with a word of ours behind a plus sign, whose mail the
    server puts into a maildir."""

    address: str
    maildir: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribers:
    """Visitors may ask to be told. From whom it comes, through which server, and how quickly."""

    sender: str
    host: str
    port: int | None = None
    security: str = "starttls"
    username: str | None = None
    password: Secret | None = None
    ca_file: str | None = None
    timeout_s: float = 30.0
    connections: int = 8
    per_minute: int | None = None
    """Messages at most; None: as fast as the server takes them."""
    tells_clients: bool = False
    """Whether clients of the billing panel are told of their credits."""
    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR) of the web servers in front of the page."""
    channels: tuple[str, ...] = ()
    """By what visitors may be told beside e-mail: `webhook`, `slack`."""
    telegram: TelegramBot | None = None
    bounces: Bounces | None = None

    @property
    def kinds(self) -> tuple[str, ...]:
        """By what visitors may be told."""
        return ("email", *self.channels, *(("telegram",) if self.telegram else ()))

    @property
    def kinds_told(self) -> tuple[str, ...]:
        """Those, and `clients` where they are told of their credits."""
        return (*self.kinds, *(("clients",) if self.tells_clients else ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """The billing panel that approved credits go to, and whether they go by themselves."""

    kind: str = "csv"
    spec: object = None
    """None: the kind's own defaults."""
    by_itself: bool = False
    settle_s: int = 3_600
    """How long what the panel gave no answer about is searched for, before a person may decide."""
    description: str = "Bonificación por tiempo sin servicio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Where the roles keep their data and listen, and their limits."""

    data_dir: str = "var"
    ops_host: str = "127.0.0.1"
    ops_port: int = 9090
    history_host: str = "127.0.0.1"
    history_port: int = 9091
    console: Console = Console()
    journal_url: str | None = None
    """A SQLAlchemy address without a password, or a reference to one (`${NAME}`, `file:/path`):
    see `monitor.domain.secret`. None: `journal.db` in the data folder."""
    result_days: int = 35
    report_after: int = 86_400
    """Seconds between a month's end and its report."""
    max_concurrent: int = 200
    handshakes_per_tick: int = 20
    allow_private: tuple[str, ...] = ()
    """Networks (CIDR) which a target may lead to although they are not public."""
    resolver: OwnResolver = OwnResolver()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Index:
    """What a catalogue finds by id."""

    components: Mapping[ComponentId, Component]
    by_id: Mapping[CheckId, Check]
    checks: Mapping[ComponentId, tuple[Check, ...]]
    deciding: Mapping[ComponentId, tuple[Check, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One configuration, compiled. Equal text gives an equal catalogue."""

    zone: ZoneInfo
    page: Page
    services: tuple[Service, ...] = ()
    components: tuple[Component, ...] = ()
    checks: tuple[Check, ...] = ()
    gates: tuple[ConnectivitySettings, ...] = ()
    support: tuple[SupportLevel, ...] = ()
    alerting: Alerting = Alerting()
    terms: tuple[ConfiguredTerms, ...] = ()
    maintenance: MaintenanceRules = MaintenanceRules()
    operations: Operations = Operations()
    store: Store = Store()
    subscribers: Subscribers | None = None
    billing: Billing = Billing()
    unwatched: frozenset[ComponentId] = frozenset()
    """Components that are reported although no check watches them any more; a configuration names
    none."""
    _branded: frozenset[ComponentId] | None = field(
        default=None, init=False, repr=False, compare=False
    )
    _kept: _Index | None = field(default=None, init=False, repr=False, compare=False)
    _near: Catalogue | None = field(default=None, init=False, repr=False, compare=False)
    """One that this one differs little from."""

    @property
    def _index(self) -> _Index:
        # Made on first use: every figure of every component needs it, many old revisions never do.
        if self._kept is None:
            found = None if self._near is None else self._index_over(self._near)
            object.__setattr__(self, "_kept", found or _index_of(self))
        return cast("_Index", self._kept)

    def _index_over(self, near: Catalogue) -> _Index | None:
        return _index_beside(near, near._index, self)

    def component(self, wanted: ComponentId) -> Component:
        """Raises KeyError for an id that is not in this revision."""
        return self._index.components[wanted]

    def has(self, wanted: ComponentId) -> bool:
        return wanted in self._index.components

    @property
    def on_brand_pages(self) -> frozenset[ComponentId]:
        """What any brand's page shows, whether the company's shows it too or not."""
        if self._branded is None:
            found = frozenset(c for page in self.page.brand_pages for c in page.components)
            object.__setattr__(self, "_branded", found)
        return cast("frozenset[ComponentId]", self._branded)

    @property
    def shown_somewhere(self) -> frozenset[ComponentId]:
        """What the company's page shows, or a brand's."""
        return self.on_brand_pages.union(c.id for c in self.components if c.is_public)

    def is_shown(self, component: Component) -> bool:
        """Whether anybody but operators may know of it: some page shows it."""
        return component.is_public or component.id in self.on_brand_pages

    def url_about(self, components: Collection[ComponentId]) -> str:
        """The root of a page where one may read about these components, without a slash at its
        end: the company's own, unless a brand's alone shows any of them."""
        found = {c for c in components if self.has(c)}
        pages = (p for p in self.page.brand_pages if not found.isdisjoint(p.components))
        is_branded = found and not any(self.component(c).is_public for c in found)
        brand = next(pages, None) if is_branded else None
        return (self.page.url if brand is None else brand.url).rstrip("/")

    def check(self, wanted: CheckId) -> Check | None:
        # Asked for every result: a property would be one more call.
        return (self._kept or self._index).by_id.get(wanted)

    def checks_of(self, component: ComponentId) -> tuple[Check, ...]:
        return self._index.checks.get(component, ())

    def deciding(self, component: ComponentId) -> tuple[Check, ...]:
        """The component's checks that may affect its status."""
        return self._index.deciding.get(component, ())

    def sharing(self, other: Catalogue) -> Catalogue:
        """Equal to this one, made of the other's parts where those are equal: in a hundred
        revisions nearly every check is the same."""
        components = {c.id: c for c in other.components}
        checks = {c.id: c for c in other.checks}
        return replace(
            self,
            components=_one_of(self.components, components, other.components),
            checks=_one_of(self.checks, checks, other.checks),
        ).beside(other)

    def beside(self, other: Catalogue) -> Catalogue:
        """This one, with an index that holds only what differs from the other's: made of the same
        parts, it takes no memory for an index of its own."""
        near = (one for one in (other._near, other) if one is not None and _is_near(one, self))
        object.__setattr__(self, "_near", next(near, None))
        return self


def touched(before: Catalogue, after: Catalogue) -> frozenset[ComponentId]:
    """The components that may differ between two catalogues, themselves or in their checks; only
    those that do, where the two are made of the same parts."""
    parts = _differing(before.components, after.components)
    checks = _differing(before.checks, after.checks)
    if parts is None or checks is None:
        return frozenset(c.id for c in (*before.components, *after.components)) | frozenset(
            c.component for c in (*before.checks, *after.checks)
        )
    return frozenset(c.id for c in parts) | frozenset(c.component for c in checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRevision:
    """A configuration that ran: `number` grows by one, `effective_from` is a whole minute.

    Where `is_stand_in` this version of the program can read neither its form nor its text: the
    catalogue is only a neighbour's, and `refused` says why.
    """

    number: int
    hash: str
    text: str
    effective_from: Second
    catalogue: Catalogue
    refused: str = ""
    is_stand_in: bool = False


class _Over(Mapping[_K, _V]):
    """A mapping that holds what differs from another; None stands for what is gone."""

    __slots__ = ("_base", "_own")

    def __init__(self, base: Mapping[_K, _V], own: Mapping[_K, _V | None]) -> None:
        self._base = base
        self._own = own

    def __getitem__(self, key: _K) -> _V:
        if key not in self._own:
            return self._base[key]
        found = self._own[key]
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[_K]:
        yield from (key for key in self._base if key not in self._own)
        yield from (key for key, found in self._own.items() if found is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_near(one: Catalogue, other: Catalogue) -> bool:
    """Whether few of their parts differ."""
    return _are_near(one.components, other.components) and _are_near(one.checks, other.checks)


def _are_near(some: tuple[_P, ...], others: tuple[_P, ...]) -> bool:
    differing = _differing(some, others)
    return differing is not None and 4 * len(differing) <= len(some)


def _differing(before: tuple[_P, ...], after: tuple[_P, ...]) -> list[_P] | None:
    """The parts that are in only one of two tuples; None where those in both are in another order.
    By identity, which costs next to nothing: catalogues made of the same parts share them."""
    if before is after:
        return []
    if len(before) == len(after):
        pairs = [pair for pair in zip(before, after, strict=True) if pair[0] is not pair[1]]
        if all(was.id == now.id for was, now in pairs):
            return [part for pair in pairs for part in pair]
    former, entered = set(map(id, before)), set(map(id, after))
    common = [id(part) for part in before if id(part) in entered]
    if common != [id(part) for part in after if id(part) in former]:
        return None
    gone = [part for part in before if id(part) not in entered]
    return gone + [part for part in after if id(part) not in former]


def _index_beside(near: Catalogue, base: _Index, catalogue: Catalogue) -> _Index | None:
    parts = _differing(near.components, catalogue.components)
    checks = _differing(near.checks, catalogue.checks)
    if parts is None or checks is None:
        return None
    homes = {check.component for check in checks}
    own = _by_component(c for c in catalogue.checks if c.component in homes)
    return _Index(
        components=_over(base.components, parts, catalogue.components),
        by_id=_over(base.by_id, checks, catalogue.checks),
        checks=_Over(base.checks, {home: own.get(home) for home in homes}),
        deciding=_Over(base.deciding, {home: _deciding(own.get(home, ())) for home in homes}),
    )


def _over(base: Mapping[Any, _P], differing: list[_P], parts: tuple[_P, ...]) -> Mapping[Any, _P]:
    """`base` where none differs, as nearly always."""
    wanted = {part.id for part in differing}
    own: dict[Any, _P | None] = dict.fromkeys(wanted)
    own |= {part.id: part for part in reversed(parts) if part.id in wanted}
    return _Over(base, own) if wanted else base


def _index_of(catalogue: Catalogue) -> _Index:
    own = _by_component(catalogue.checks)
    deciding = {component: _deciding(of_it) for component, of_it in own.items()}
    return _Index(
        components={c.id: c for c in reversed(catalogue.components)},
        by_id={c.id: c for c in reversed(catalogue.checks)},
        checks=own,
        # The same mapping where all of them decide, as nearly always.
        deciding=own if all(deciding[c] is own[c] for c in own) else deciding,
    )


def _one_of(
    parts: tuple[_P, ...], known: Mapping[Any, _P], whole: tuple[_P, ...]
) -> tuple[_P, ...]:
    """The parts, with the known ones in the places of those that are equal; the tuple `whole`
    itself where all are."""
    found = tuple(known[part.id] if known.get(part.id) == part else part for part in parts)
    is_same = len(found) == len(whole) and all(a is b for a, b in zip(found, whole, strict=True))
    return whole if is_same else found


def _by_component(checks: Iterable[Check]) -> dict[ComponentId, tuple[Check, ...]]:
    found: dict[ComponentId, list[Check]] = {}
    for check in checks:
        found.setdefault(check.component, []).append(check)
    return {component: tuple(own) for component, own in found.items()}


def _deciding(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    """The same tuple where all of them decide, as nearly always."""
    if all(check.affects is not Affects.NOTHING for check in checks):
        return checks
    return tuple(check for check in checks if check.affects is not Affects.NOTHING)
