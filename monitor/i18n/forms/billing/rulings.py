"""What the console says of unknown time, and of what two people take it for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RulingWords:
    """`{n}` counts, `{x}` names. What is chosen and how something stands is by its stored value."""

    waiting: str
    waiting_note: str
    none: str
    credits: tuple[str, str]
    contracts: tuple[str, str]
    month: str
    causes: Mapping[str, str]
    when: str
    lasts: str
    where: str
    checks: str
    asked_before: str
    if_up: str
    if_down: str
    currency: str
    several: str
    say: str
    say_note: str
    assumed: Mapping[str, str]
    what: str
    evidence: str
    evidence_hint: str
    links: str
    links_hint: str
    propose: str
    rulings: str
    no_rulings: str
    no_ruling_so: str
    every_status: str
    statuses: Mapping[str, str]
    steps: Mapping[str, str]
    reference: str
    state: str
    cause: str
    proposed_by: str
    decided_by: str
    money: str
    money_note: str
    before: str
    after: str
    covered: str
    credit_states: Mapping[str, str]
    contract: str
    client: str
    former: str
    first: str
    unfit: str
    overlaps: str
    history: str
    decide: str
    decide_note: str
    reason: str
    approve: str
    refuse: str
    own: str
    waits: str
    revise: str
    revise_note: str
    private_note: str
