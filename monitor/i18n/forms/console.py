"""What the console must be able to say. `{x}` names, `{t}` times, `{d}` durations, `{n}` counts;
pairs are (one, several)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.domain.accounts.permissions import AccountRole, Scope
from monitor.domain.catalogue import Role
from monitor.domain.change import Via
from monitor.domain.checks.observation import Outcome
from monitor.domain.customers.problems import ProblemKind
from monitor.domain.incidents.delivery import Delivery
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance import MaintenancePhase
from monitor.i18n.forms.billing.forecast import ForecastWords
from monitor.i18n.forms.billing.rulings import RulingWords
from monitor.i18n.forms.credits import CreditWords
from monitor.i18n.forms.exclusions import ExclusionWords
from monitor.i18n.forms.figures import BudgetWords, LatencyWords, WeekWords


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionWords:
    """What the sign-in page must be able to say."""

    name: str
    password: str
    code: str
    code_hint: str
    forgotten: str
    none_yet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NowWords:
    """What is wrong now."""

    open_incidents: str
    untouched: tuple[str, str]
    calm: str
    no_incident: str
    nobody_wrote: str
    last_update: str
    failing_checks: str
    of: str
    causes: tuple[str, str]
    by_cause: str
    more: tuple[str, str]
    planned: str
    none_planned: str
    monitor: str
    empty_title: str
    empty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentWords:
    """One incident, and what a person may write in it."""

    cause: str
    since: str
    began: str
    lasted: str
    affected: str
    phase: str
    title: str
    text: str
    write: str
    publish: str
    look: str
    resolve: str
    change_title: str
    templates: str
    although_down: str
    public_note: str
    preview: str
    falls_back: str
    log: str
    newest_first: str
    automatic: str
    former: str
    next_update: str
    next_hint: str
    edit: str
    correct: str
    no_component: str
    seen: str
    told: str
    by_hand: str
    by_hand_note: str
    outcome: str
    began_at: str
    began_hint: str
    ended_at: str
    ended_hint: str
    which: str
    which_hint: str
    tell: str
    together: str
    merge_into: str
    merge: str
    merge_note: str
    split: str
    link_with: str
    link: str
    reopen: str
    reopen_note: str
    ready: Sequence[tuple[str, str]]
    """Texts to start from: in Spanish, and in English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsWords:
    """The list of incidents."""

    span: str
    days: str
    found: tuple[str, str]
    hidden: tuple[str, str]
    none: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksWords:
    """The list of checks."""

    found: str
    hidden: tuple[str, str]
    none: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """One check."""

    check: str
    state: str
    evidence: str
    last: str
    places: str
    location: str
    component: str
    took: str
    last_run: str
    probe: str
    probe_note: str
    by_hand: str
    by_hand_note: str
    on_the_wire: str
    nothing_seen: str
    failures: str
    thirty_days: str
    no_failures: str
    about: str
    hanging: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentWords:
    """One component."""

    no_checks: str
    ninety_days: str
    no_incidents: str
    about: str
    id: str
    service: str
    role: str
    see: str
    private: str
    depends_on: str
    no_windows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowWords:
    """Planned work."""

    title: str
    state: str
    when: str
    impact: str
    coming: str
    none_coming: str
    plan: str
    start: str
    end: str
    components: str
    reason: str
    reason_hint: str
    announce: str
    past: str
    not_public: str
    about: str
    guarantee: str
    excluded: str
    counts: str
    planned_by: str
    calendar: str
    before: str
    after: str
    this_month: str
    announce_on: str
    goes_on: str
    empty_month: str
    extend: str
    extend_counts: str
    cancel: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedWords:
    """What customers say that fails."""

    reference: str
    said: str
    component: str
    unsaid: str
    kinds: Mapping[ProblemKind, str]
    kind: str
    text: str
    turn: str
    incident: str
    seen: str
    not_seen: str
    answers_now: str
    answers_from: str
    by: str
    late: str
    nobody: str
    closed: str
    closed_by: str
    note: str
    note_hint: str
    close: str
    only_open: str
    every: str
    none: str
    newest: str
    private_note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditWords:
    """Who did what."""

    when: str
    who: str
    what: str
    what_hint: str
    subject: str
    changed: str
    fields: tuple[str, str]
    older: str
    none: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsWords:
    """Accounts and tokens."""

    people: str
    roles: str
    services: str
    every_service: str
    disabled: str
    no_second_factor: str
    full_name: str
    change: str
    reset: str
    disable: str
    enable: str
    new: str
    add: str
    said_once: str
    password_of: str
    token_of: str
    tokens: str
    no_tokens: str
    label: str
    owner: str
    scopes: str
    expires: str
    never: str
    last_used: str
    over: str
    revoke: str
    new_key: str
    days: str
    days_hint: str
    create_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationWords:
    """The configuration."""

    in_force: str
    ran: str
    values: str
    under: str
    setting: str
    value: str
    line: str
    more: str
    check: str
    check_note: str
    valid: str
    mistakes: tuple[str, str]
    apply: str
    apply_note: str
    pending: str
    revisions: str
    is_in_force: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWords:
    """Reports."""

    month: str
    revision: str
    issued: str
    take: str
    none: str
    totals: str
    no_credits: str
    credits: tuple[str, str]
    assessed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccountWords:
    """One's own account."""

    title: str
    present_password: str
    code: str
    must_enrol: str
    codes: str
    codes_hint: str
    enrol: str
    scan: str
    qr: str
    type_it: str
    new_code: str
    confirm: str
    second_factor: str
    is_set: str
    codes_left: tuple[str, str]
    renew_codes: str
    remove: str
    why_second_factor: str
    set_up: str
    replace: str
    new_password: str
    again: str
    password_hint: str
    change_password: str
    sessions: str
    browser: str
    address: str
    end: str
    this_one: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysWords:
    """The list of keys."""

    title: str
    next: str
    open: str
    search: str
    write: str
    this: str
    close: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleWords:
    """The frame and what several screens share; each screen's own words by its name."""

    console: str
    skip: str
    main_nav: str
    public_page: str
    sign_in: str
    sign_out: str
    signed_in_as: str
    times_in: str
    problem: str
    nowhere: str
    meant: str
    back: str
    cancel: str
    optional: str
    search: str
    next_page: str
    and_others: str
    ago: str
    from_to: str
    monitor_well: str
    monitor_late: str
    not_renewed: str
    monitor_silent: tuple[str, str]
    unwatched: str
    dependent: str
    page_in_language: str
    nav: Mapping[str, str]
    done: Mapping[str, str]
    check_facts: Mapping[str, str]
    outcomes: Mapping[Outcome, str]
    phases: Mapping[Phase, str]
    windows: Mapping[MaintenancePhase, str]
    deliveries: Mapping[Delivery, str]
    via: Mapping[Via, str]
    applications: Mapping[str, str]
    roles: Mapping[AccountRole, str]
    role_meanings: Mapping[AccountRole, str]
    component_roles: Mapping[Role, str]
    scopes: Mapping[Scope, str]
    session: SessionWords
    now: NowWords
    incident: IncidentWords
    incidents: IncidentsWords
    checks: ChecksWords
    check: CheckWords
    component: ComponentWords
    week: WeekWords
    latency: LatencyWords
    budget: BudgetWords
    window: WindowWords
    exclusion: ExclusionWords
    credit: CreditWords
    ruling: RulingWords
    reported: ReportedWords
    audit: AuditWords
    accounts: AccountsWords
    configuration: ConfigurationWords
    report: ReportWords
    forecast: ForecastWords
    own: OwnAccountWords
    keys: KeysWords
