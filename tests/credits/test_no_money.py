"""What must move no money: maintenance that is published late, and a clock that is set back. The
others stand where they happen: wrong scopes, replayed requests, one person with two tokens, foreign
tickets and back-dated exclusions."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from credits.life.states import CreditState
from tests.credits.test_credit_close import TO_APPLIED, Office, lived, office, stored
from tests.credits.test_oracle import computed
from tests.support.clock import second

__all__ = ["lived", "office"]
S = CreditState
OUTAGE: dict[str, Any] = {
    "id": "M",
    "policy": {},
    "input": {
        "window": {"start": "2026-04-01T00:00:00", "end": "2026-05-01T00:00:00"},
        "components": [
            {
                "id": "web", "role": "required",
                "down": [["2026-04-10T10:00:00", "2026-04-10T11:00:00"]],
            }
        ],
        "invoices": [
            {
                "id": "F-1", "start": "2026-04-01T00:00:00", "end": "2026-05-01T00:00:00",
                "net_amount": "1234.56", "currency": "USD",
            }
        ],
    },
}  # fmt: skip


def planned(published_at: str) -> dict[str, Any]:
    """The same outage, inside a window that was published then."""
    case = copy.deepcopy(OUTAGE)
    case["input"]["maintenance"] = [
        {
            "start": "2026-04-10T09:30:00", "end": "2026-04-10T11:30:00",
            "published_at": published_at, "components": ["web"],
        }
    ]  # fmt: skip
    return case


def test_maintenance_that_is_published_late_takes_nothing_from_a_customer() -> None:
    (without,) = computed(OUTAGE)
    # Within the same second nobody can tell which came first.
    (late,) = computed(planned("2026-04-10T09:30:00"))
    (in_time,) = computed(planned("2026-04-10T09:29:59"))
    assert late == without
    assert (without["credit"], without["excluded_s"]) == ("1.71", 0)
    assert (in_time["credit"], in_time["verdict"]) == ("0.00", "no_breach")


def test_a_figure_is_the_same_in_whatever_zone_its_times_are_written() -> None:
    written = copy.deepcopy(OUTAGE)
    (web,) = written["input"]["components"]
    web["down"] = [["2026-04-10T15:00:00+02:00", "2026-04-10T14:00:00Z"]]
    assert computed(written) == computed(OUTAGE)


@pytest.mark.parametrize("back_to", ["2026-10-15T12:00:00Z", "2026-11-01T02:59:59Z"])
async def test_a_clock_that_is_set_back_closes_no_month_again_and_pays_nothing_twice(
    office: Office, back_to: str
) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], *TO_APPLIED)
    first = stored(office, "2026-10")
    behind = office.clock.now() - second(back_to)
    office.clock.step(-behind)
    await office.close_due()
    assert office.standing() == [("applied", "1.66")]
    office.clock.step(behind)
    await office.close_due()
    assert office.standing() == [("applied", "1.66")]
    assert stored(office, "2026-10") == first
