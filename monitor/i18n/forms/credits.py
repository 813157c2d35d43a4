"""What the console says of credits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditWords:
    """`{x}` names, `{t}` says when, `{why}` is a reason, `{n}` and `{m}` count. `states` and
    `accounts` are by stored value, `barred` by how somebody took part."""

    credit: str
    adjustment: str
    adjusts: str
    client: str
    contract: str
    product: str
    month: str
    when: str
    state: str
    due: str
    nothing: str
    tickets: str
    no_ticket: str
    states: Mapping[str, str]
    every_state: str
    brake: str
    waiting: str
    waiting_review: str
    waiting_approval: str
    nobody_waits: str
    more: str
    every: str
    none: str
    none_so: str
    search: str
    older: str
    choose: str
    lines: str
    line: str
    if_down: str
    history: str
    joined: str
    moved: str
    accounts: Mapping[str, str]
    clause: str
    clause_hint: str
    reference: str
    incidents: str
    beside: str
    barred_title: str
    barred: Mapping[str, str]
    request: str
    request_note: str
    request_more: str
    request_until: str
    ticket: str
    ticket_hint: str
    client_hint: str
    review: str
    review_note: str
    review_many: str
    decide: str
    decide_note: str
    take_back_note: str
    approve: str
    approve_many: str
    reject: str
    reason: str
    reason_hint: str
    panel: str
    panel_unknown: str
    panel_carried: str
    confirm: str
    reference_hint: str
    release: str
    release_hint: str
    own: Mapping[str, str]
    waits: str
    judged: str
    evidence: str
    explain: str
    bundle: str
    bundle_note: str
    back: str
    private_note: str
