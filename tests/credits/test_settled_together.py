"""What one close settles together: caps that several months fill, and invoices that came late."""

from __future__ import annotations

from decimal import Decimal

import pytest

from credits.contract import Contract, ContractId, PriceSegment
from credits.figures_move import figures_move
from credits.life.states import CreditState
from credits.money import Money
from monitor.domain.time.interval import FOREVER, Interval, Second
from tests.credits.test_classification import ANA, LUZ, PESOS
from tests.credits.test_contracts import OCTOBER
from tests.credits.test_credit_close import TO_APPLIED, Office, lived, office

__all__ = ["lived", "office"]
S = CreditState
ROOM_OF_TEN = (
    PESOS.replace("C-4", "C-5").replace("F-4", "F-5").replace("2026-11-01", "2027-01-01")
    .rstrip("\n").removesuffix(",,")
    + ",1,89990.00\n"
)  # fmt: skip
UNPRICED = "C-6,80,506,Hosting,standard,web-1,2026-01-10,,,,,,,,,,\n"
LATE = OCTOBER.replace("C-1,77,501", "C-6,80,506").replace("F-1", "F-6")


async def test_months_that_are_settled_in_one_close_share_what_a_cap_leaves(
    office: Office,
) -> None:
    """October comes back into a cap of which December, that is closed now, would take the same."""
    office.bring(ROOM_OF_TEN)
    reference = office.approved()
    for at in ("2026-11-02T12:00:00Z", "2026-12-02T12:00:00Z"):
        await office.close(at)
    assert office.standing("C-5") == []
    office.of(ANA).withdraw(reference, reason="Fue nuestro")
    office.of(LUZ).approve(reference, reason="Sí", revision=3)
    office.desk.live(
        "web-1-tcp", "2026-12-02T00:00:00Z", "2027-01-02T00:00:00Z",
        ("2026-12-12T13:00:00Z", "2026-12-12T14:00:00Z"),
    )  # fmt: skip
    await office.close("2027-01-02T12:00:00Z")
    found = [money.amount for one in office.credits("C-5") for _, money in one.amounts]
    assert sum(found) == Decimal(10)


async def test_an_invoice_that_came_late_prices_its_month_in_the_next_close(
    office: Office,
) -> None:
    office.bring(UNPRICED)
    await office.close("2026-11-02T12:00:00Z")
    assert office.standing("C-6") == [("needs_review", "")]
    office.bring(LATE)
    await office.close("2026-12-02T12:00:00Z")
    assert office.standing("C-6") == [("superseded", ""), ("eligible", "1.66")]


async def test_an_invoice_that_is_corrected_adjusts_what_was_applied(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], *TO_APPLIED)
    office.bring(OCTOBER.replace("1234.56", "2469.12"))
    await office.close("2026-12-02T12:00:00Z")
    assert office.standing() == [("applied", "1.66"), ("eligible", "1.66")]


async def test_an_invoice_of_a_month_to_come_computes_no_closed_month_anew(
    office: Office,
) -> None:
    await office.close("2026-11-02T12:00:00Z")
    later = OCTOBER.replace("2026-10-01,2026-11-01", "2026-12-01,2027-01-01")
    office.bring(later.replace("F-1", "F-12"))
    await office.close("2026-12-02T12:00:00Z")
    with office.journal.transaction() as tx:
        assert [one.revision for one in tx.reports.of("2026-10")] == [1]


def contract(*invoices: tuple[str, int, int], net: str = "10", product: str = "A") -> Contract:
    return Contract(
        id=ContractId("C-1"), client_id="77", service_id="501", product=product,
        active=(Interval(Second(0), FOREVER),),
        segments=tuple(
            PriceSegment(
                invoice_id=name, line_id="L1", period=Interval(Second(start), Second(end)),
                net=Money(Decimal(net), "USD"),
            )
            for name, start, end in invoices
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("former", "after", "moved"),
    [
        (None, contract(), (0, FOREVER)),
        (contract(), contract(product="B"), None),
        (contract(("F-1", 0, 9)), contract(("F-1", 0, 9), ("F-2", 9, 20)), (9, 20)),
        (contract(("F-1", 3, 9)), contract(("F-1", 3, 9), net="11"), (3, 9)),
        (contract(("F-1", 3, 9)), contract(("F-1", 5, 12)), (3, 12)),
    ],
    ids=["new", "words", "renewed", "corrected", "moved"],
)
def test_an_import_says_of_which_time_figures_may_move(
    former: Contract | None, after: Contract, moved: tuple[int, int] | None
) -> None:
    assert figures_move(former, after) == (moved and Interval(Second(moved[0]), Second(moved[1])))
