"""What messages to operators must be able to say of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import IncidentEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWords:
    """`{c}` a name, `{t}` and `{u}` times, `{d}` a length, `{n}` and `{m}` counts, `{id}` an
    incident's id, `{w}` what was published."""

    html_lang: str
    # Subject
    down: str
    slow: str
    recovered: str
    still: str
    unwatched: str
    closed: str
    ago: str
    changed: Mapping[IncidentEvent, str]
    back_already: str
    unwatched_already: str
    closed_already: str
    was_still: str
    # Body
    since: str
    after: str
    reason: str
    is_back: str
    unwatched_means: str
    closed_means: str
    unstable_means: str
    seen: str
    cause: str
    remedy: str
    components: str
    checks: str
    last_good: str
    are_well: str
    published: str
    page: str
    typed: str
    states: Mapping[Outcome, str]
    well: str
    open_span: str
    closed_span: str
    unseen: str
    unwatched_span: str
    forced_span: str
    """Closed by a person while it was down."""
    depends: str
    said_by: str
    said_by_machine: str
    and_more: str
    # What comes next
    no_answer: str
    recorded: str
    check_yourself: str
    """Where nobody saw the end."""
    once: str
    once_back: str
    watched: str
    repeated: str
    # Several at once, and what cannot be worded
    many: str
    incidents: str
    many_fell: str
    many_back: str
    many_closed: str
    one_for_all: str
    see_incident: str
    see_status: str
    alert: str
    about: str
    kinds: Mapping[EventKind, str]
    not_worded: str
    # The monitor about itself
    offline_once: str
    clock_forward: str
    clock_back: str
    system_alert: str
