"""A credit in a few words, for lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from credits.assess import total
from credits.life.credit import CreditRecord
from credits.life.states import CreditState
from credits.money import Money
from monitor.console.states import State
from monitor.console.visit import Visit
from statuspage.parts.html import Html

_S = CreditState
_STYLES = {
    _S.NEEDS_REVIEW: "slow",
    _S.PENDING_HUMAN_APPROVAL: "slow",
    _S.REQUESTED: "slow",
    _S.UNDER_REVIEW: "slow",
    _S.APPLY_UNKNOWN: "slow",
    _S.BLOCKED_SUSPENDED: "fix",
    _S.HELD_CHARGEBACK: "fix",
    _S.APPROVED: "ok",
    _S.APPLYING: "ok",
    _S.APPLIED: "ok",
}
"""What waits for somebody, what is held back, what is well; the rest is over, or nobody asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditCard:
    """`seen` names it with the revision that is shown, for a form of many."""

    id: str
    url: str
    seen: str
    state: State
    kind: str
    client: str
    contract: str
    product: str
    month: str
    span: Html
    amounts: str
    tickets: str


def credit_card(record: CreditRecord, visit: Visit) -> CreditCard:
    one, words = record.credit, visit.words.credit
    window = one.key.window
    return CreditCard(
        id=record.id,
        url=f"/credits/{record.id}",
        seen=f"{record.id}:{record.revision}",
        state=credit_state(record.state, visit),
        kind=words.adjustment if one.ordinal else words.credit,
        client=one.client_id,
        contract=one.key.contract,
        product=one.product,
        month=one.period,
        span=visit.speech.span(window.start, window.end),
        amounts=money_text((money for _, money in record.amounts), visit),
        tickets=", ".join(record.tickets),
    )


def credit_state(state: CreditState, visit: Visit) -> State:
    style, word = _STYLES.get(state, "nd"), visit.words.credit.states[state]
    return State(css=f"is-{style}", icon=f"i-{style}", word=f"{word[:1].upper()}{word[1:]}")


def money_text(amounts: Iterable[Money], visit: Visit) -> str:
    """By currency, never across: `USD 8.00, CLP 62`, as billing writes amounts."""
    said = (f"{money.currency}\N{NO-BREAK SPACE}{money.amount:f}" for money in total(amounts))
    return ", ".join(said) or visit.words.credit.nothing
