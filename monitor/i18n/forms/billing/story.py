"""What a credit's story says, to billing and to whoever checks it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditStoryWords:
    """`{x}` and `{y}` are names, `{n}` numbers, `{a}` and `{b}` times, `{m}` money."""

    credit: str
    adjustment: str
    about: str
    window: str
    terms: str
    stands: str
    states: Mapping[str, str]
    arrows: Mapping[str, str]
    verdicts: Mapping[str, str]
    causes: Mapping[str, str]
    maintenance_cause: str

    time: str
    contracted: str
    measured: str
    allowed: str
    down: str
    degraded: str
    excluded: str
    unknown: str
    before_records: str
    inferred: str
    share: str
    verdict: str
    undecided: str

    outages: str
    no_outages: str
    outage: str
    inferred_cause: str
    going_on: str
    last_good: str
    first_bad: str
    last_bad: str
    first_good: str
    result: str
    recorded: str
    """What it means, and what was recorded of it, which is in no language of ours: mostly what the
    other side said."""
    seen: Mapping[str, str]
    not_copied: str
    nothing_bounds: str
    bounds: str
    incidents: str

    exclusions: str
    no_exclusions: str
    exclusion: str
    not_allowed: str
    evidence: str
    evidence_file: str
    evidence_link: str
    planned: str
    planned_counts: str
    unpublished: str

    unknown_time: str
    no_unknown: str
    stretch: str
    gap: str
    unwatched: str
    unwatched_until: str
    where_from_unknown: str

    money: str
    no_invoice: str
    line: str
    arithmetic: str
    exact: str
    cap: str
    rounded: str
    roundings: Mapping[str, str]
    if_up: str
    if_down: str
    uninvoiced: str
    rest: str

    steps: str
    step: str
    joined_by: str
    machine: str
    ticket: str
    reason: str
    panel: str
    clause: str
    assumed: Mapping[str, str]
    reference: str

    rests_on: str
    report: str
    configuration: str
    program: str
    hash: str
    nothing_kept: str
