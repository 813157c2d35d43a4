"""What somebody has found in the billing panel about a credit: it is there, or it is not."""

from __future__ import annotations

from credits.billing.steps import BY_HAND, asked_panel
from credits.life.credit import CreditRecord
from credits.life.states import CreditState
from monitor.console.commands import credits_by_hand
from monitor.console.visit import Redirect, Shown, Visit
from monitor.domain.accounts.permissions import Scope
from monitor.domain.refusals import Refused


def panel_note(record: CreditRecord, visit: Visit) -> str:
    """What to look up, for who may say what came of it; empty where there is nothing."""
    if not visit.may(Scope.CREDITS_APPLY):
        return ""
    words = visit.words.credit
    if record.state is CreditState.APPLY_UNKNOWN:
        return words.panel_unknown
    is_carried = record.state is CreditState.APPLYING and asked_panel(record) == BY_HAND
    return words.panel_carried if is_carried else ""


def confirm(visit: Visit) -> Shown:
    credits_by_hand(visit).confirm({visit.name: visit.form.line("reference")})
    return Redirect(to=f"/credits/{visit.name}?done=credit_confirmed")


def release(visit: Visit) -> Shown:
    """What was not seen is not released: somebody else may have looked meanwhile."""
    revision = visit.form.number("revision")
    if revision is None:
        raise Refused("form.number", field="revision", got="")
    reason = visit.form.line("looked")
    credits_by_hand(visit).release(visit.name, reason=reason, revision=revision)
    return Redirect(to=f"/credits/{visit.name}?done=credit_released")
