"""What a message about a used up allowance must be able to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAlertWords:
    """`{p}` a percentage, `{c}` terms or components, `{n}` and `{m}` counts, `{t}` and `{u}` a time
    and its zone, `{d}` a length, `{a}` amounts, `{month}` a month. Of pairs the first is for
    one."""

    # Subject and first line
    used: str
    broken: str
    back: str
    several_terms: str
    contracts: tuple[str, str]
    used_head: str
    broken_head: str
    back_head: str
    # What it means now
    breaks: str
    no_outage: str
    goes_on: str
    over: str
    back_means: str
    # Sections
    terms: str
    terms_row: str
    at_level: str
    of_them_broken: str
    possible: str
    back_row: str
    cause: str
    cause_row: str
    still: str
    money: str
    due_then: str
    due_now: str
    due_later: str
    nothing_due: str
    only_unknown_amount: str
    close: str
