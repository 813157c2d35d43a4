"""Closing a month opens its credits, once; what is found out later is an adjustment in the next."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
import time_machine
import typer
from typer.testing import CliRunner, Result

from credits.life.credit import CreditId, CreditRecord, advance
from credits.life.ledger import first_fault
from credits.life.states import CreditState
from credits.period.month import Month
from credits.report import rows
from credits.report.body import report_body
from credits.report.csv import csv_text
from credits.report.issue import issue, issued_document
from credits.report.report import monthly_report, read_month
from monitor.cli.credits.command import register
from monitor.domain.change import MACHINE
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from tests.credits.desk import CONFIG, Desk
from tests.credits.life.builders import by
from tests.credits.test_classification import ANA, LUZ, NIGHT, PESOS, Court
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.clock import FakeClock, second
from tests.support.closing import closer

S = CreditState
NOVEMBER = OCTOBER.replace("2026-10-01,2026-11-01", "2026-11-01,2026-12-01").replace("F-1", "F-9")
EVER = Interval(Second(0), Second(2**40))
TO_APPLIED = [S.REQUESTED, S.UNDER_REVIEW, S.APPROVED, S.APPLYING, S.APPLIED]
T = TypeVar("T")


async def on_thread(work: Callable[[], T]) -> T:
    return work()


class Office(Court):
    """The court of exclusions, with a core that closes months."""

    async def close(self, at: str) -> None:
        """A core that looks at that time."""
        self.clock.advance(second(at) - self.clock.now())
        await self.close_due()

    async def close_due(self) -> None:
        catalogues = RevisionReader(self.journal).read()
        await closer(self.journal, self.clock).close_due(catalogues, on_thread)

    def bring(self, rows: str) -> None:
        with time_machine.travel(self.clock.now(), tick=False):
            ran = self.desk.type("contracts", "import", self.desk.write(HEADER + rows))
        assert ran.code == 0, ran.err

    def close_by_hand(self, month: str) -> None:
        """As it was before there were credits: a report, and nothing of a ledger."""
        catalogues, now = RevisionReader(self.journal).read(), self.clock.now()
        with self.journal.transaction() as tx:
            read = read_month(tx, catalogues, Month.read(month), now)
            issue(tx, month, report_body(monthly_report(read)), MACHINE, now)
            tx.cursors.set("closed_month", read.month.ordinal)

    def report(self, month: str) -> dict[str, Any]:
        """What a person gets who asks for the month now."""
        with time_machine.travel(self.clock.now(), tick=False):
            ran = self.desk.type("report", month, "--format", "json")
        assert ran.code == 0, ran.err
        found: dict[str, Any] = json.loads(ran.out)
        return found

    def audit(self, *options: str) -> Result:
        app = typer.Typer()
        app.callback()(lambda: None)
        register(app)
        where = ["--config", str(self.desk.config), "--data-dir", str(self.desk.folder / "var")]
        return CliRunner().invoke(app, ["credits", "audit", *options, *where])

    def credits(self, contract: str = "C-1") -> list[CreditRecord]:
        with self.journal.transaction() as tx:
            found = list(tx.credits.within(EVER))
        own = [record for record in found if record.credit.key.contract == contract]
        return sorted(own, key=lambda record: record.credit.ordinal)

    def walk(self, record: CreditRecord, *states: CreditState, ticket: str = "TCK-1") -> None:
        for state in states:
            asked = ticket if state is S.REQUESTED else ""
            who = by("luz" if state is S.APPROVED else "eva")
            record = record.with_step(advance(record, state, who, ticket=asked))
            with self.journal.transaction() as tx:
                tx.credits.append([record])

    def standing(self, contract: str = "C-1") -> list[tuple[str, str]]:
        return [(record.state.value, amount(record)) for record in self.credits(contract)]


def amount(record: CreditRecord) -> str:
    return " ".join(f"{money.amount:f}" for _, money in record.amounts)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October with an hour's outage of the web server, November without, and what was paid."""
    desk = Desk(tmp_path_factory.mktemp("lived"))
    desk.live(
        "web-1-tcp", "2026-09-30T00:00:00Z", "2026-12-02T00:00:00Z",
        ("2026-10-12T13:00:00Z", "2026-10-12T14:00:00Z"),
    )  # fmt: skip
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False):
        paid = HEADER + OCTOBER + NOVEMBER + PESOS
        assert desk.type("contracts", "import", desk.write(paid)).code == 0
    return desk.folder


@pytest.fixture
def office(lived: Path, tmp_path: Path) -> Iterator[Office]:
    shutil.copytree(lived, tmp_path / "desk")
    desk = Desk.at(tmp_path / "desk")
    with open_journal(desk.url) as journal:
        office = Office(desk, journal)
        office.clock = FakeClock.at("2026-11-01T12:00:00Z")
        with time_machine.travel("2026-11-01T12:00:00Z", tick=False):
            yield office


async def test_closing_opens_a_credit_for_each_breach_and_for_nothing_else(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    (record,) = office.credits()
    assert (record.state, amount(record)) == (S.ELIGIBLE, "1.66")
    assert record.steps[0].actor == "estado"
    assert record.credit.components == ("web-1",)
    assert office.standing("C-4") == [("eligible", "120.97")]
    with office.journal.transaction() as tx:
        assert len(list(tx.credits.within(EVER))) == 2
    (row,) = [r for r in office.report("2026-10")["credits"] if r["contract_id"] == "C-1"]
    assert (row["credit_id"], row["evidence_hash"]) == (record.id, record.credit.evidence_hash)


async def test_closing_and_asking_again_opens_nothing(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    await office.close("2026-11-03T12:00:00Z")
    first = office.report("2026-10")
    assert (first["revision"], first["payable"]) == (1, True)
    assert len(office.credits()) == 1


async def test_the_first_revision_that_a_person_issues_closes_the_month(office: Office) -> None:
    office.report("2026-10")
    assert office.standing() == [("eligible", "1.66")]
    await office.close("2026-11-02T12:00:00Z")
    assert office.standing() == [("eligible", "1.66")]


async def test_a_later_revision_is_not_payable_and_opens_no_credit(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.approved()
    later = office.report("2026-10")
    assert (later["revision"], later["payable"]) == (2, False)
    assert office.standing() == [("eligible", "1.66")]


async def test_a_spreadsheet_says_what_is_not_payable(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.approved(draft_of(half=True))
    office.report("2026-10")
    with office.journal.transaction() as tx:
        first, later = (csv_text(issued_document(r, "")) for r in tx.reports.of("2026-10"))
    assert "payable" not in first
    assert later.splitlines()[0].endswith(",payable")
    assert later.splitlines()[1].endswith(",no")


def draft_of(*, half: bool) -> Any:
    return replace(NIGHT, end=Second((NIGHT.start or 0) + 600)) if half else NIGHT


async def test_what_was_applied_is_adjusted_in_the_next_close_and_comes_to_the_fresh_figure_once(
    office: Office,
) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], *TO_APPLIED)
    first = stored(office, "2026-10")
    office.approved(draft_of(half=True))
    fresh = office.report("2026-10")
    assert office.standing() == [("applied", "1.66")]
    await office.close("2026-12-02T12:00:00Z")
    (figure,) = [r["amount"] for r in fresh["credits"] if r["contract_id"] == "C-1"]
    paid, waiting = office.credits()
    assert (paid.state, waiting.state) == (S.APPLIED, S.PENDING_HUMAN_APPROVAL)
    assert Decimal(amount(paid)) + Decimal(amount(waiting)) == Decimal(figure)
    assert waiting.credit.adjusts == paid.id
    (row,) = [r for r in office.report("2026-11")["credits"] if r["contract_id"] == "C-1"]
    assert (row["type"], row["credit_id"], row["amount"]) == (
        "adjustment", waiting.id, amount(waiting),
    )  # fmt: skip
    assert (row["adjusts_credit_id"], row["state"]) == (paid.id, "pending_human_approval")
    assert stored(office, "2026-10")[:1] == first
    office.clock.advance(86_400)
    assert office.report("2026-11")["revision"] == 1


async def test_what_was_not_applied_gives_way_and_its_ticket_goes_on(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], S.REQUESTED, S.UNDER_REVIEW, ticket="TCK-7")
    office.approved(draft_of(half=True))
    await office.close("2026-12-02T12:00:00Z")
    former, fresh = office.credits()
    assert former.state is S.SUPERSEDED
    assert (fresh.state, fresh.tickets) == (S.REQUESTED, ("TCK-7",))
    assert Decimal(0) < Decimal(amount(fresh)) < Decimal(amount(former))


async def test_what_comes_to_nothing_gives_way_to_nothing(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.approved()
    await office.close("2026-12-02T12:00:00Z")
    assert office.standing() == [("superseded", "1.66")]
    with office.journal.transaction() as tx:
        assert tx.reports.get("2026-10", None) is not None
        assert not [h for h in tx.credits.balances() if h.account not in ("expense", "closed")]


async def test_an_exclusion_that_is_withdrawn_gives_back_what_it_took(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], *TO_APPLIED)
    reference = office.approved()
    await office.close("2026-12-02T12:00:00Z")
    assert office.standing()[1] == ("pending_human_approval", "-1.66")
    office.of(ANA).withdraw(reference, reason="Fue nuestro")
    office.of(LUZ).approve(reference, reason="Sí", revision=3)
    office.desk.live("web-1-tcp", "2026-12-02T00:00:00Z", "2027-01-02T00:00:00Z")
    await office.close("2027-01-02T12:00:00Z")
    assert office.standing() == [("applied", "1.66"), ("superseded", "-1.66")]


async def test_a_ticket_asks_for_what_comes_back(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], S.REQUESTED, ticket="TCK-7")
    reference = office.approved()
    await office.close("2026-12-02T12:00:00Z")
    assert office.standing() == [("superseded", "1.66")]
    office.of(ANA).withdraw(reference, reason="Fue nuestro")
    office.of(LUZ).approve(reference, reason="Sí", revision=3)
    office.desk.live("web-1-tcp", "2026-12-02T00:00:00Z", "2027-01-02T00:00:00Z")
    await office.close("2027-01-02T12:00:00Z")
    again = office.credits()[1]
    assert (again.state, amount(again), again.tickets) == (S.REQUESTED, "1.66", ("TCK-7",))


async def test_the_ticket_of_what_was_applied_does_not_ask_for_more(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], S.REQUESTED, ticket="TCK-7")
    reference = office.approved(draft_of(half=True))
    await office.close("2026-12-02T12:00:00Z")
    office.walk(office.credits()[1], *TO_APPLIED[1:])
    office.of(ANA).withdraw(reference, reason="Fue nuestro")
    office.of(LUZ).approve(reference, reason="Sí", revision=3)
    office.desk.live("web-1-tcp", "2026-12-02T00:00:00Z", "2027-01-02T00:00:00Z")
    await office.close("2027-01-02T12:00:00Z")
    more = office.credits()[2]
    assert (more.state, amount(more), more.tickets) == (S.ELIGIBLE, "0.28", ())


async def test_the_ledger_agrees_with_every_step_after_it_all(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], *TO_APPLIED)
    office.approved(draft_of(half=True))
    await office.close("2026-12-02T12:00:00Z")
    with office.journal.transaction() as tx:
        postings = {posting.id: posting for posting in tx.credits.postings()}
        assert first_fault(list(tx.credits.within(EVER)), postings) is None
        assert sum(tx.credits.balances().values()) == 0


async def test_an_audit_computes_the_ledger_again_and_names_what_differs(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    first = office.audit()
    assert (first.exit_code, first.stderr) == (0, "")
    assert [line.split() for line in first.stdout.splitlines()[1:]] == [
        ["ARS", "expense", "1", "-120.97"], ["ARS", "owed", "1", "120.97"],
        ["USD", "expense", "1", "-1.66"], ["USD", "owed", "1", "1.66"],
        ["2", "credits", "computed", "again:", "every", "posting", "agrees."],
    ]  # fmt: skip
    (record,) = office.credits()
    with office.journal._engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO ledger_entry SELECT posting, 3, credit_id, at, 'applied', client_id,"
                " contract_id, invoice_id, line_id, currency, 500 FROM ledger_entry"
                " WHERE credit_id = :name AND number = 1"
            ),
            {"name": record.id},
        )
    broken = office.audit("--json")
    assert broken.exit_code == 1
    assert broken.stderr.startswith(f"{record.id}/1: ")
    assert json.loads(broken.stdout)["fault"]["got"][2]["minor"] == 500


async def test_a_cap_leaves_no_room_for_what_another_month_has_given(office: Office) -> None:
    """One line over two months: what October is owed fills it."""
    with office.journal.transaction() as tx:
        (line,) = [k for k in tx.credits.credited() if (k.contract, k.invoice_id) == ("C-4", "F-4")]
    await office.close("2026-11-02T12:00:00Z")
    with office.journal.transaction() as tx:
        assert tx.credits.credited()[line] == 12_097
        october = Interval(second("2026-10-01T03:00:00Z"), second("2026-11-01T03:00:00Z"))
        assert tx.credits.credited(besides=october)[line] == 0


async def test_a_cap_is_what_the_ledger_leaves_whatever_a_later_import_says(office: Office) -> None:
    """Of ARS 90000 all but ten were credited before."""
    row_of = PESOS.replace("C-4", "C-5").replace("F-4", "F-5").rstrip("\n").removesuffix(",,")
    for before in ("89990.00", "0"):
        office.bring(f"{row_of},1,{before}\n")
        (row,) = [r for r in office.report("2026-10")["credits"] if r["contract_id"] == "C-5"]
        assert row["amount"] == "10.00"


async def test_what_was_credited_before_is_taken_once_however_often_it_is_imported(
    office: Office,
) -> None:
    await office.close("2026-11-02T12:00:00Z")
    grown = PESOS.rstrip("\n").removesuffix(",,") + ",1,120.97\n"
    assert grown != PESOS
    office.bring(grown)
    assert office.report("2026-10")["revision"] == 1
    with office.journal.transaction() as tx:
        assert sum(v for k, v in tx.credits.credited().items() if k.contract == "C-4") == 12_097


async def test_months_that_were_closed_before_there_were_credits_stay_as_they_are(
    office: Office,
) -> None:
    """They were paid by hand; also where an older month is closed after they were."""
    office.close_by_hand("2026-10")
    await office.close("2026-12-02T12:00:00Z")
    assert office.report("2026-09")["revision"] == 1
    office.approved(draft_of(half=True))
    office.desk.live("web-1-tcp", "2026-12-02T00:00:00Z", "2027-01-02T00:00:00Z")
    await office.close("2027-01-02T12:00:00Z")
    assert office.standing() == []


async def test_a_month_is_adjusted_between_the_midnights_that_it_was_closed_with(
    office: Office,
) -> None:
    """The company's zone was another one then: what was applied is not due again."""
    await office.close("2026-11-02T12:00:00Z")
    office.walk(office.credits()[0], *TO_APPLIED)
    moved = CONFIG.replace("America/Argentina/Buenos_Aires", "Europe/Madrid")
    office.clock.advance(3_600)
    office.desk.publish(moved, office.clock.now())
    office.approved(draft_of(half=True))
    await office.close("2026-12-02T12:00:00Z")
    assert office.standing() == [("applied", "1.66"), ("pending_human_approval", "-0.28")]


async def test_a_close_says_what_it_did(office: Office) -> None:
    await office.close("2026-11-02T12:00:00Z")
    with office.journal.transaction() as tx:
        closed = {change.subject: change for change in tx.changes.of_kinds(["month.closed"], 0)}
    change = closed["2026-10"]
    assert change.actor == "estado"
    assert change.after == {"credits": 2, "adjustments": 0, "superseded": 0}


def stored(office: Office, month: str) -> list[str]:
    with office.journal.transaction() as tx:
        return [report.body for report in tx.reports.of(month)]


def test_credits_whose_ids_would_be_equal_are_told_apart(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "_DIGITS", 0)
    ids = [row["credit_id"] for row in office.report("2026-10")["credits"]]
    assert len(set(ids)) == len(ids) == 2
    assert {record.id for c in ("C-1", "C-4") for record in office.credits(c)} == set(ids)


def test_ids_of_credits_are_as_the_report_has_them(office: Office) -> None:
    found = office.report("2026-10")
    ids = {row["credit_id"] for row in found["credits"]}
    with office.journal.transaction() as tx:
        assert {tx.credits.get(CreditId(name)).id for name in ids} == ids
