"""Applying by WHMCS, against a stand-in whose answers are its published samples': once, or not at
all, whatever it answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from aiohttp import web

from credits.billing.applier import Came
from credits.life.credit import CreditId, LineDue, advance, begin, request
from credits.money import Money
from monitor.billing.whmcs.answers import PanelRefused, amount, items, read_answer, whole
from monitor.billing.whmcs.spec import WhmcsSpec
from monitor.domain.refusals import Refused
from monitor.domain.secret import Secret
from monitor.journal.ports import WantedChanges
from tests.billing.desk import ANA, BON, SETTLE, SHELL, Desk, S, one
from tests.credits.life.builders import by, due
from tests.support.whmcs import (
    CANARY_PASSWORD,
    CANARY_USER,
    SECRET,
    Fault,
    Fields,
    Whmcs,
    said,
    whmcs,
)


def answering(action: str, answer: Callable[[Fields], web.Response]) -> Fault:
    """A fault of one action alone."""

    async def fault(fields: Fields) -> web.StreamResponse | None:
        return answer(fields) if fields["action"] == action else None

    return fault


def booking_without_a_word(there: Whmcs) -> Fault:
    """The panel books what it is asked for, and the answer is lost."""

    async def fault(fields: Fields) -> web.StreamResponse | None:
        if fields["action"] != "AddCredit":
            return None
        there.late.append(fields)
        there.land()
        return web.Response(status=504)

    return fault


def beside(amount: int, currency: str) -> LineDue:
    """Another line of the same invoice."""
    return LineDue(invoice_id="9001", line_id="L2", amount=Money(Decimal(amount), currency))


async def test_an_approved_credit_becomes_a_line_of_the_customers_credit_log(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        outcome = await desk.apply(desk.panel(there))
    assert outcome.came is Came.APPLIED
    assert desk.way() == ["applying", "applied"]
    (line,) = there.log
    assert line["description"].startswith(f"[{BON}] ")
    assert (line["amount"], line["clientid"]) == ("6.86", "77")
    assert desk.record().steps[-1].reference == line["id"]
    assert desk.record().steps[-2].actor == "ana"
    assert desk.books_agree()


async def test_it_is_asked_once_however_often_somebody_applies(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        await desk.apply(desk.panel(there))
        assert not await desk.applier(desk.panel(there)).apply(ANA)
    assert len(there.calls("AddCredit")) == 1


async def test_a_rehearsal_reads_everything_and_applies_nothing(desk: Desk) -> None:
    """That is what happens unless somebody has said otherwise."""
    desk.keep()
    async with whmcs() as there:
        outcome = await desk.apply(desk.panel(there, dry_run=True))
    assert outcome.came is Came.WOULD_APPLY
    assert desk.way() == []
    assert there.calls("GetInvoice")
    assert not there.calls("AddCredit")
    assert WhmcsSpec(
        url="https://a.example/", identifier=Secret("${A}"), secret=Secret("${B}")
    ).dry_run


async def test_an_effect_that_lands_after_an_empty_search_is_found_and_never_doubled(
    desk: Desk,
) -> None:
    """The panel takes the call in, says nothing, shows an empty log, and books 30 s later."""
    desk.keep()
    async with whmcs() as there:

        async def swallow(fields: Fields) -> web.StreamResponse | None:
            if fields["action"] != "AddCredit":
                return None
            there.late.append(fields)
            return await there.hang(fields)

        there.fault = swallow
        panel = desk.panel(there, timeout_s=0.3)
        assert (await desk.apply(panel)).came is Came.UNKNOWN
        assert (await desk.search(panel)).came is Came.ABSENT
        with pytest.raises(Refused, match=r"credit\.not_settled"):
            desk.hands().release(BON, reason="no está")
        assert not await desk.applier(panel).apply(ANA)
        desk.clock.advance(30)
        there.land()
        assert (await desk.search(panel)).came is Came.APPLIED
    assert desk.way() == ["applying", "apply_unknown", "applied"]
    assert there.balance() == Decimal("6.86")
    assert len(there.calls("AddCredit")) == 1
    assert desk.books_agree()


async def test_only_a_person_releases_a_retry_and_only_when_it_has_settled(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering("AddCredit", lambda _: web.Response(status=502))
        panel = desk.panel(there)
        await desk.apply(panel)
        there.fault = None
        desk.clock.advance(SETTLE - 1)
        await desk.search(panel)
        with pytest.raises(Refused, match=r"credit\.not_settled"):
            desk.hands().release(BON, reason="no está")
        desk.clock.advance(2)
        # However long it is: what was not searched for since may be there.
        with pytest.raises(Refused, match=r"credit\.not_settled"):
            desk.hands().release(BON, reason="no está")
        await desk.search(panel)
        with pytest.raises(Refused, match=r"account\.needed"):
            desk.hands(SHELL).release(BON, reason="no está")
        desk.hands().release(BON, reason="Miré el panel: no está")
        assert (await desk.apply(panel)).came is Came.APPLIED
    assert desk.way() == ["applying", "apply_unknown", "approved", "applying", "applied"]
    assert there.balance() == Decimal("6.86")
    assert desk.books_agree()


async def test_an_answer_counts_though_the_log_cannot_be_read_after_it(desk: Desk) -> None:
    """Told as a failure it would be asked for again."""
    desk.keep()
    async with whmcs() as there:

        async def once(fields: Fields) -> web.StreamResponse | None:
            is_after = bool(there.log) and fields["action"] == "GetCredits"
            return web.Response(status=503) if is_after else None

        there.fault = once
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert desk.record().steps[-1].reference == ""
    assert desk.books_agree()


async def test_a_second_silence_settles_anew(desk: Desk) -> None:
    """What was not there an hour after the first call says nothing about the second one."""
    desk.keep()
    async with whmcs() as there:
        there.fault = answering("AddCredit", lambda _: web.Response(status=502))
        panel = desk.panel(there)
        await desk.apply(panel)
        desk.clock.advance(SETTLE + 1)
        await desk.search(panel)
        desk.hands().release(BON, reason="no está")
        await desk.apply(panel)
        for _ in range(2):
            with pytest.raises(Refused, match=r"credit\.not_settled"):
                desk.hands().release(BON, reason="no está")
            await desk.search(panel)


async def test_what_a_search_brings_is_told_once_while_it_brings_the_same(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering("AddCredit", lambda _: web.Response(status=502))
        panel = desk.panel(there)
        await desk.apply(panel)
        for _ in range(5):
            desk.clock.advance(SETTLE / 3)
            await desk.search(panel)
    wanted = WantedChanges(kind="credit.searched", subject=BON)
    with desk.journal.transaction() as tx:
        told = tx.changes.matching(wanted, 9)
    assert [one.after["is_settled"] for one in told] == [False, True]


async def test_a_double_that_somebody_has_put_right_is_applied(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering("AddCredit", lambda _: web.Response(status=504))
        panel = desk.panel(there)
        await desk.apply(panel)
        for n, booked in enumerate(("6.86", "6.86", "-6.86"), 1):
            there.log.append(
                {"id": str(n), "clientid": "77", "description": f"[{BON}]", "amount": booked}
            )
        outcome = await desk.search(panel)
    assert (outcome.came, outcome.detail) == (Came.APPLIED, "")


async def test_what_is_on_its_way_is_confirmed_by_nobody(desk: Desk) -> None:
    desk.keep()
    desk.steps.claim(desk.record(), "whmcs", ANA)
    with pytest.raises(Refused, match=r"credit\.in_flight"):
        desk.hands().confirm({BON: "1"})


async def test_what_lands_after_the_release_is_found_before_the_retry(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:

        async def swallow(fields: Fields) -> web.StreamResponse | None:
            if fields["action"] != "AddCredit":
                return None
            there.late.append(fields)
            return web.Response(status=504)

        there.fault = swallow
        panel = desk.panel(there)
        await desk.apply(panel)
        desk.clock.advance(SETTLE + 1)
        await desk.search(panel)
        desk.hands().release(BON, reason="no está")
        there.land()
        there.fault = None
        assert (await desk.apply(panel)).came is Came.APPLIED
    assert len(there.calls("AddCredit")) == 1
    assert there.balance() == Decimal("6.86")


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: web.Response(status=500, text="Oops"),
        lambda _: web.Response(text="<html><title>Just a moment...</title></html>"),
        lambda _: said({"result": "error", "message": "Amount must be in decimal format"}),
        lambda _: said({"result": "success", "newbalance": None}),
        lambda _: said({"result": "success"}),
        lambda _: said({"warning": "Invalid or Missing Payment Information"}),
        lambda _: web.Response(text='<b>Deprecated</b>: foo\n{"result":"success"}'),
        lambda _: web.Response(text='["success"]'),
        lambda _: web.Response(text="[" * 100_000),
        lambda _: web.Response(status=302, headers={"Location": "https://elsewhere.example/"}),
        lambda _: web.Response(body=b"\xff\xfe"),
        lambda _: web.Response(text='{"result":"success","newbalance":"1.00"}' + " " * 5_000_000),
    ],
    ids=[
        "5xx", "html", "result_error", "null_balance", "no_balance", "a_warning", "php_warning",
        "a_list",
        "deep", "redirect", "no_utf8", "endless",
    ],
)  # fmt: skip
async def test_an_answer_that_is_none_leaves_it_unknown_and_is_asked_once(
    desk: Desk, answer: Callable[[Fields], web.Response]
) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering("AddCredit", answer)
        outcome = await desk.apply(desk.panel(there))
    assert outcome.came is Came.UNKNOWN
    assert desk.state() is S.APPLY_UNKNOWN
    assert len(there.calls("AddCredit")) == 1
    assert SECRET not in outcome.detail
    assert desk.books_agree()


@pytest.mark.parametrize("action", ["GetClientsDetails", "GetClientsProducts", "GetInvoice",
                                    "GetCredits"])  # fmt: skip
@pytest.mark.parametrize(
    "answer",
    [
        lambda _: web.Response(status=503),
        lambda _: web.Response(text="<html>maintenance</html>"),
        lambda _: said({"result": "success"}),
        lambda _: said({"result": "success", "clientid": [], "client": 7, "credits": "many"}),
        lambda _: said({}),
    ],
    ids=["5xx", "html", "nothing", "wrong_types", "empty"],
)
async def test_a_panel_that_cannot_be_read_is_not_asked_to_apply(
    desk: Desk, action: str, answer: Callable[[Fields], web.Response]
) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering(action, answer)
        outcome = await desk.apply(desk.panel(there))
    assert outcome.came in (Came.NOT_READ, Came.REFUSED)
    assert desk.way() == []
    assert not there.calls("AddCredit")


async def test_reading_is_tried_again_and_rests_as_long_as_the_panel_asks(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        left = [web.Response(status=429, headers={"Retry-After": "7"}), web.Response(status=500)]

        async def twice(fields: Fields) -> web.StreamResponse | None:
            return left.pop(0) if left else None

        there.fault = twice
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert desk.waits == [7, 2]


async def test_a_panel_that_is_away_ends_the_pass(desk: Desk) -> None:
    for n in range(6):
        desk.keep(one(n=n))
    async with whmcs() as there:
        there.fault = answering("GetClientsDetails", lambda _: web.Response(status=503))
        found = await desk.applier(desk.panel(there)).apply(ANA)
    assert [outcome.came for outcome in found] == [Came.NOT_READ] * 3 + [Came.NOT_REACHED] * 3


async def test_a_suspended_service_is_blocked_and_comes_back_when_that_ends(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        panel = desk.panel(there)
        there.services["501"].status = "Suspended"
        for _ in range(2):
            assert (await desk.apply(panel)).came is Came.BLOCKED
        there.services["501"].status = "Active"
        assert (await desk.apply(panel)).came is Came.APPLIED
    assert desk.way() == ["blocked_suspended", "approved", "applying", "applied"]
    assert len(there.calls("AddCredit")) == 1


async def test_our_own_contract_blocks_it_too_and_costs_no_call(desk: Desk) -> None:
    desk.keep(suspended=True)
    async with whmcs() as there:
        assert (await desk.apply(desk.panel(there))).came is Came.BLOCKED
    assert not there.asked


@pytest.mark.parametrize("status", ["Unpaid", "Collections"])
async def test_an_invoice_whose_payment_went_back_holds_it(desk: Desk, status: str) -> None:
    desk.keep()
    async with whmcs() as there:
        there.invoices["9001"]["status"] = status
        assert (await desk.apply(desk.panel(there))).came is Came.HELD
        there.services["501"].status = "Suspended"
        assert (await desk.apply(desk.panel(there))).came is Came.BLOCKED
        there.services["501"].status = "Active"
        there.invoices["9001"]["status"] = "Paid"
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert desk.way() == [
        "held_chargeback", "approved", "blocked_suspended", "approved", "applying", "applied",
    ]  # fmt: skip


async def test_a_client_who_moved_to_another_currency_gets_nothing_before_a_person_looks(
    desk: Desk,
) -> None:
    desk.keep()
    async with whmcs() as there:
        there.clients["77"]["currency_code"] = "ARS"
        outcome = await desk.apply(desk.panel(there))
    assert outcome.came is Came.REFUSED
    assert "other_currency" in outcome.detail
    assert desk.way() == []


async def test_an_invoice_of_a_contract_that_is_in_another_currency_now_is_refused(
    desk: Desk,
) -> None:
    desk.keep()
    desk.rent(one(), currency="ARS")
    async with whmcs() as there:
        outcome = await desk.apply(desk.panel(there))
    assert outcome.detail.startswith("other_currency")
    assert not there.asked


async def test_what_belongs_to_another_client_now_is_refused(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.add_client("78")
        there.services["501"].client = "78"
        assert (await desk.apply(desk.panel(there))).detail.startswith("other_owner: service")
        there.services["501"].client = "77"
        there.invoices["9001"]["userid"] = "78"
        assert (await desk.apply(desk.panel(there))).detail.startswith("other_owner: invoice")
        desk.rent(one(), client="78")
        assert (await desk.apply(desk.panel(there))).detail.startswith("other_owner: the contract")
    assert not there.calls("AddCredit")


async def test_a_client_whom_the_panel_does_not_know_loses_nothing(desk: Desk) -> None:
    """Behind a mistyped address stands an empty panel: it must not end everybody's credits."""
    desk.keep()
    async with whmcs() as there:
        del there.clients["77"]
        outcome = await desk.apply(desk.panel(there))
        assert outcome.came is Came.REFUSED
        assert desk.way() == []
        there.add_client(status="Closed")
        assert (await desk.apply(desk.panel(there))).came is Came.LAPSED
    assert desk.books_agree()


async def test_a_token_in_another_clients_log_proves_nothing(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.add_client("78")
        there.log.append({"id": "1", "clientid": "78", "description": f"[{BON}]", "amount": "6.86"})
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert there.balance("77") == Decimal("6.86")


async def test_a_log_of_another_client_is_no_answer(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering(
            "GetCredits",
            lambda _: said(
                {"result": "success", "clientid": "78", "totalresults": "0", "credits": ""}
            ),
        )
        assert (await desk.apply(desk.panel(there))).came is Came.NOT_READ


async def test_part_of_a_log_does_not_prove_that_it_is_not_there(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering(
            "GetCredits",
            lambda _: said(
                {"result": "success", "clientid": "77", "totalresults": "260", "credits": ""}
            ),
        )
        assert (await desk.apply(desk.panel(there))).came is Came.NOT_READ
    assert not there.calls("AddCredit")


async def test_a_double_in_the_panel_is_applied_once_and_told(desk: Desk) -> None:
    """Somebody added it by hand after a time-out, and then it landed."""
    desk.keep()
    async with whmcs() as there:

        async def twice(fields: Fields) -> web.StreamResponse | None:
            if fields["action"] != "AddCredit":
                return None
            there.late += [fields, fields]
            return web.Response(status=504)

        there.fault = twice
        panel = desk.panel(there)
        await desk.apply(panel)
        there.land()
        outcome = await desk.search(panel)
    assert (outcome.came, outcome.detail) == (Came.APPLIED, "it is there 2 times: 1, 2")
    assert desk.record().steps[-1].reason == outcome.detail


async def test_another_amount_under_its_token_is_for_a_person(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.fault = answering("AddCredit", lambda _: web.Response(status=504))
        panel = desk.panel(there)
        await desk.apply(panel)
        there.log.append(
            {"id": "1", "clientid": "77", "description": f"[{BON}] a mano", "amount": "6.80"}
        )
        desk.clock.advance(SETTLE + 1)
        outcome = await desk.search(panel)
        assert outcome.came is Came.REFUSED
        with pytest.raises(Refused, match=r"credit\.not_settled"):
            desk.hands().release(BON, reason="no está")
        desk.hands().confirm({BON: "1"})
    assert desk.state() is S.APPLIED
    assert desk.record().steps[-1].reference == "1"


@pytest.mark.parametrize("written", ["{:.2f}", "{:,.2f}", "${:,.2f} USD"])
async def test_an_amount_with_separators_is_known_again(desk: Desk, written: str) -> None:
    desk.keep(one("1234.50"))
    async with whmcs() as there:
        there.separators = written
        there.fault = booking_without_a_word(there)
        panel = desk.panel(there)
        await desk.apply(panel)
        assert (await desk.search(panel)).came is Came.APPLIED
        assert desk.record().steps[-1].reference == "1"
    (call,) = there.calls("AddCredit")
    assert call["amount"] == "1234.50"


async def test_lists_are_read_as_the_published_samples_print_them(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        there.is_flat = True
        there.log.append({"id": "1", "clientid": "77", "description": "Pago", "amount": "10.00"})
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert desk.record().steps[-1].reference == "2"


async def test_taking_back_asks_for_a_positive_amount_to_be_removed(desk: Desk) -> None:
    line = replace(due("-2.29"), invoice_id="9001")
    credit = replace(one(), lines=(line,), ordinal=1, adjusts=CreditId("BON-2026-03-77-0"))
    desk.rent(credit)
    record = begin(credit, S.PENDING_HUMAN_APPROVAL, by("estado"))
    with desk.journal.transaction() as tx:
        tx.credits.begin([record])
        tx.credits.append([record.with_step(advance(record, S.APPROVED, by("luz")))])
    async with whmcs() as there:
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
        (call,) = there.calls("AddCredit")
    assert (call["type"], call["amount"]) == ("remove", "2.29")
    assert there.balance() == Decimal("-2.29")
    assert desk.books_agree()


async def test_what_comes_to_nothing_is_applied_without_a_call(desk: Desk) -> None:
    lines = (replace(due("2.00"), invoice_id="9001"), beside(-2, "USD"))
    credit = replace(one(), lines=lines, ordinal=1, adjusts=CreditId("BON-2026-03-77-0"))
    desk.rent(credit)
    record = begin(credit, S.PENDING_HUMAN_APPROVAL, by("estado"))
    with desk.journal.transaction() as tx:
        tx.credits.begin([record])
        tx.credits.append([record.with_step(advance(record, S.APPROVED, by("luz")))])
    async with whmcs() as there:
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert not there.calls("AddCredit")
    assert desk.books_agree()


async def test_a_credit_in_two_currencies_is_refused(desk: Desk) -> None:
    lines = (replace(due("2.00"), invoice_id="9001"), beside(9, "CLP"))
    desk.keep(replace(one(), lines=lines))
    async with whmcs() as there:
        outcome = await desk.apply(desk.panel(there))
    assert (outcome.came, outcome.detail) == (Came.REFUSED, "credit.currencies")


async def test_what_is_no_number_of_whmcs_is_refused_before_it_is_asked(desk: Desk) -> None:
    """Contracts of another panel, imported by file."""
    desk.keep(replace(one(), lines=(due("6.86"),)))
    async with whmcs() as there:
        outcome = await desk.apply(desk.panel(there))
    assert outcome.detail == "no_number: WHMCS numbers things: 'F-1'"
    assert not there.asked


async def test_a_third_decimal_is_refused(desk: Desk) -> None:
    desk.keep(one("1.234", currency="KWD"))
    async with whmcs() as there:
        there.add_client(currency="KWD")
        outcome = await desk.apply(desk.panel(there))
    assert outcome.detail.startswith("decimals")


async def test_no_login_and_no_credential_stays_anywhere(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    """The panel's answers carry customers' usernames and passwords, and may repeat what they were
    sent."""
    caplog.set_level(logging.DEBUG)
    desk.keep()
    async with whmcs() as there:

        def echo(fields: Fields) -> web.Response:
            return said({"result": "error", "message": f"No: {json.dumps(fields)}"})

        there.fault = answering("AddCredit", echo)
        outcome = await desk.apply(desk.panel(there))
    stored = (desk.folder / "journal.db").read_bytes() + b"".join(
        file.read_bytes() for file in desk.folder.glob("journal.db-*")
    )
    for canary in (CANARY_USER, CANARY_PASSWORD, SECRET):
        assert canary.encode() not in stored
        assert canary not in caplog.text
        assert canary not in outcome.detail


def test_money_and_credentials_travel_by_https_alone() -> None:
    for url in (
        "http://panel.example.com/",
        "ftp://a.example/",
        "https://u:p@a.example/",
        "https://",
    ):
        with pytest.raises(ValueError, match="https"):
            WhmcsSpec(url=url, identifier=Secret("${A}"), secret=Secret("${B}"))
    WhmcsSpec(url="http://127.0.0.1:8000/", identifier=Secret("${A}"), secret=Secret("${B}"))


async def test_a_secret_that_is_not_there_is_no_answer(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        panel = desk.panel(there)
        (desk.folder / "secret").unlink()
        outcome = await desk.apply(panel)
    assert outcome.came is Came.NOT_READ
    assert "cannot read" in outcome.detail


def test_whatever_is_not_as_it_should_be_is_no_answer() -> None:
    assert items({"a": ""}, "a", "b") == ()
    assert items({"a": {"b": {"id": "1"}}}, "a", "b") == [{"id": "1"}]
    assert items({"a": {"b": {"0": {"id": "1"}}}}, "a", "b") == [{"id": "1"}]
    with pytest.raises(PanelRefused, match="Client ID Not Found"):
        read_answer(b'\xef\xbb\xbf{"result":"error","message":"Client ID Not Found"}')
    assert whole(" 12 ", "id") == 12
    assert amount("1.234") == Decimal("1.234")
    assert amount("12,345,678") == Decimal(12345678)
    assert amount("") is None
    assert amount(True) is None


@pytest.mark.parametrize("owner", [None, "78"], ids=["forged", "foreign"])
async def test_a_forged_or_foreign_ticket_moves_no_money(desk: Desk, owner: str | None) -> None:
    desk.keep()
    async with whmcs() as there:
        there.add_client("78")
        del there.tickets["T-77"]
        if owner is not None:
            there.tickets["T-77"] = owner
        rehearsed = await desk.apply(desk.panel(there, dry_run=True))
        outcome = await desk.apply(desk.panel(there))
        assert outcome == rehearsed
        assert (outcome.came, desk.way()) == (Came.REFUSED, [])
        assert outcome.detail == "foreign_ticket: no ticket of client 77's: T-77"
        assert not there.calls("AddCredit")
        # Whoever had mistyped it asks by the right one too.
        record = desk.record()
        joined = request(record, "T-772", by("eva"))
        assert joined is not None
        with desk.journal.transaction() as tx:
            tx.credits.append([record.with_step(joined)])
        assert (await desk.apply(desk.panel(there))).came is Came.APPLIED
    assert desk.books_agree()


async def test_where_the_panel_does_not_let_its_tickets_be_read_nothing_is_applied(
    desk: Desk,
) -> None:
    desk.keep()
    async with whmcs() as there:

        async def forbid(fields: Fields) -> web.StreamResponse | None:
            said_no = {"result": "error", "message": "Invalid Permissions: API action"}
            return said(said_no, 403) if fields["action"] == "GetTicket" else None

        there.fault = forbid
        outcome = await desk.apply(desk.panel(there))
    assert outcome.came is Came.REFUSED
    assert outcome.detail.startswith("panel_says_no: Invalid Permissions")
    assert desk.way() == []
