"""What a language must be able to say. `{x}` names, `{t}` times, `{d}` durations or days,
`{n}` counts, `{p}` shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.incidents.incident import Phase
from monitor.domain.maintenance_steps import StepKind
from monitor.domain.rollup import Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWords:
    """`one` stands alone, `some` follows "1 de 3", `all_` is a whole group's."""

    one: str
    some: str
    all_: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelWords:
    """A support level that visitors know: its question, and what its link says."""

    heading: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakdownWords:
    """What one component's month is made of. `counts` names each bucket but plain service;
    `unexplained` says of those that need it what is known where no cause is."""

    title: str
    lead: str
    open_: str
    months: str
    months_lead: str
    data: str
    sum_title: str
    sum_month: str
    sum_month_value: str
    sum_down: str
    sum_excluded: str
    sum_unknown: str
    sum_share: str
    sum_allowed: str
    seconds: str
    stretches: str
    from_: str
    to: str
    length: str
    counts_as: str
    why: str
    counts: Mapping[str, str]
    because: str
    other_cause: str
    unexplained: Mapping[str, str]
    inferred: str
    not_before: str
    rest: str
    all_worked: str
    works: str
    published: str
    cancelled: str
    check_title: str
    check: str
    download: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One field a text; pages and view models take every word of theirs from here."""

    # Frame
    own_name: str
    skip: str
    main_nav: str
    nav_status: str
    nav_history: str
    zone_of: str
    all_times: str
    api: str
    how_calculated: str
    see_calculated: str
    # States
    states: Mapping[Shown, StateWords]
    faulty: StateWords
    """Of what is shown as slow for another reason: a warning, cuts, old data."""
    some_of: str
    postmortem: str
    phases: Mapping[Phase, str]
    planned: str
    finished: str
    # Badges
    badges: Mapping[Shown, str]
    """Of the whole, by the state that the answer tells."""
    badge_general: str
    badge_stale: str
    # Previews of links
    og_locale: str
    description: str
    # Frame in other pages
    embed_link: str
    # Statuspage's API
    no_data_since: str
    # Feeds and calendar
    subscribe: str
    by_link: str
    """Of a private page, whose feeds and calendar a program reads behind its link alone."""
    feed_of: str
    calendar_of: str
    calendar: str
    corrected_on: str
    # Home
    as_of: str
    renewed: str
    record: str
    refresh: str
    now: str
    now_past: str
    also_now: str
    lasts: str
    began: str
    operations_wrote: str
    operations: str
    automatic: str
    what_we_know: str
    next_update: str
    before_time: str
    none_came: str
    guide_other: str
    guide_none: str
    services: str
    services_count: tuple[str, str]
    courtesy: str
    operational_of: str
    last_days: tuple[str, str, str]
    ago_days: str
    today: str
    share_in_days: str
    share_today: str
    share_since: str
    no_share: str
    share_withheld: str
    share_of_watched: str
    figure_out: str
    figure_slow: str
    figure_maintenance: str
    figure_excluded: str
    figure_no_data: str
    bars_head: str
    bars_month_head: str
    bars_unborn: str
    bars_others_quiet: str
    bars_all_quiet: str
    bars_before: str
    legend: str
    legend_quiet: str
    legend_down: str
    scheduled: str
    in_days: tuple[str, str, str]
    ends: str
    was_to_end: str
    published: str
    window_same_day: str
    window_two_days: str
    recent: str
    full_history: str
    other_days: tuple[str, str]
    none_recent: str
    no_other_recent: str
    none_other: str
    # Guide
    levels: Mapping[str, LevelWords]
    open_now: str
    closed_now: str
    until: str
    opens_today: str
    opens_tomorrow: str
    opens_on: str
    always: str
    attends: str
    attends_by: str
    from_to: str
    every_day: str
    day_span: str
    more: str
    # Incidents
    out_for: str
    out_at_least: str
    slow_from: str
    slow_at: str
    slow_until: str
    from_time: str
    at_one_time: str
    between: str
    time_on_day: str
    the_time: str
    at_time: str
    since: str
    ongoing_since: str
    was_ongoing: str
    recovered_at: str
    unwatched_since: str
    unwatched: str
    closed_at: str
    closed: str
    was_out: str
    was_out_at_least: str
    was_slow: str
    observed_since: str
    incident_meta: str
    log: str
    newest_first: str
    former: str
    corrected: str
    summary: str
    affected: tuple[str, str]
    out_of_service: str
    with_slowness: str
    until_now: str
    span_with_length: str
    span_closed: str
    counts_in: str
    counts_fully: str
    counts_partly: str
    counts_not: str
    not_counted: str
    exclusion_causes: Mapping[str, str]
    """By the cause of the contract."""
    still_failing: str
    still_failing_advice: str
    see_what_to_do: str
    what_is_automatic: str
    automatic_meaning: str
    by_person: str
    by_person_meaning: str
    stated: str
    from_to_told: str
    resolved_by_person: str
    merged: str
    merged_into: str
    merged_elsewhere: str
    related: str
    # Maintenance
    maintenance_running: str
    maintenance_done: str
    maintenance_cancelled: str
    maintenance_lead: Mapping[str, str]
    maintenance_was_planned: str
    maintenance_was_under_way: str
    was_extended: str
    was_ended_early: str
    was_to_be: str
    planned_same_day: str
    planned_two_days: str
    """Behind "previsto"."""
    step_names: Mapping[StepKind, str]
    step_texts: Mapping[StepKind, str]
    ended_early: str
    to_do: str
    to_do_meaning: str
    maintenance_meta: str
    what_to_expect: str
    affected_services: str
    # Component
    component_leads: Mapping[Shown, str]
    component_does: Mapping[Shown, str]
    component_unnoticed: str
    """Of what only the operators notice."""
    component_watched: str
    component_lead_plain: Mapping[Shown, str]
    component_leads_past: Mapping[Shown, str]
    day_by_day: str
    quiet_otherwise: str
    all_quiet: str
    day: str
    what_happened: str
    month_by_month: str
    months_note: str
    month: str
    availability: str
    allowed: str
    guarantee: str
    kept: str
    broken: str
    review: str
    no_guarantee: str
    so_far: str
    incidents_of: str
    latency: str
    latency_meaning: str
    latency_said: str
    """`{x}` half of the answers of a day, `{y}` 19 of 20."""
    latency_half: str
    latency_most: str
    latency_beyond: str
    latency_beyond_day: str
    latency_table: str
    latency_of_month: str
    latency_services: str
    latency_kinds: Mapping[ServiceKind, str]
    # History
    history: str
    times_of: str
    guarantee_is: str
    no_rounding: str
    months: str
    current_month: str
    past_month: str
    out_so_far: str
    each_may: str
    of_allowed: str
    table_caption: str
    table_caption_plain: str
    service: str
    others_perfect: tuple[str, str]
    others_quiet: tuple[str, str]
    unseen: str
    unseen_many: str
    all_perfect: str
    nothing_in_month: str
    older: str
    said_until: str
    without_data: str
    counted_until: str
    grey_days: str
    history_of: str
    month_services: str
    days: str
    recounted: str
    recounted_meaning: str
    whole_month: str
    earlier_months: str
    also_as: str
    # How availability is calculated
    calc_title: str
    calc_lead: str
    calc_lead_plain: str
    parts_title: str
    parts_lead: str
    in_service: str
    in_service_note: str
    out_note: str
    excluded: str
    excluded_note: str
    no_data_note: str
    sum_title: str
    sum_month: str
    sum_month_value: str
    sum_allowed: str
    sum_compare: str
    sum_compare_value: str
    sum_share: str
    sum_share_value: str
    rules_title: str
    rules: tuple[str, ...]
    rule_courtesy: str
    credit_title: str
    credit_who: str
    credit_how: str
    open_ticket: str
    breakdown: BreakdownWords
    # Not found
    not_found: str
    not_found_lead: str
    form_at_page: str
    """In a copy, instead of a form that the page takes from itself alone; it leads there."""
    go_home: str
    closed_title: str
    closed_lead: str
