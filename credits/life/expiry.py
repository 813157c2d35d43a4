"""When a credit that nobody asks for ends. The terms say it; most say nothing, and it stays."""

from __future__ import annotations

from credits.life.credit import CreditRecord
from credits.life.states import CreditState
from credits.terms import Terms
from monitor.domain.time.interval import Second


def expires_at(record: CreditRecord, terms: Terms | None) -> Second | None:
    """The first second in which it may no longer be asked for; None where it may be for ever, or
    was. Time runs from when it became eligible. What was asked for in time does not expire because
    nobody answers."""
    if terms is None or not terms.request_within_s or record.state is not CreditState.ELIGIBLE:
        return None
    return Second(record.steps[-1].at + terms.request_within_s)
