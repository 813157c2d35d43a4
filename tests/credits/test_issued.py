"""Issued reports read back: what a program gets is what the terminal printed."""

from __future__ import annotations

import json

import pytest
import time_machine

from credits.report.csv import csv_text
from credits.report.issue import issued_document, issued_text
from credits.report.issued import IssuedReports
from monitor.api.resources.billing.reports import ReportDocument
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ServiceId
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal, open_journal_to_read
from monitor.runtime.version import version_line
from tests.credits.desk import Desk
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.credits.test_report import FELL, ROSE, lived

END = Second(1_793_000_000)
ANA = Actor(id="ana", kind=ActorKind.PERSON, scopes=frozenset({Scope.BILLING_READ}))


@pytest.fixture
def issued(desk: Desk) -> Desk:
    lived(desk, (FELL, ROSE))
    with time_machine.travel("2026-11-05T12:00:00Z", tick=False):
        desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
        assert desk.type("report", "2026-10").code == 0
    return desk


def reading(desk: Desk, actor: Actor = ANA) -> IssuedReports:
    return IssuedReports(journal=open_journal_to_read(desk.url), actor=actor)


def test_a_report_is_handed_over_as_the_terminal_prints_it(issued: Desk) -> None:
    printed = json.loads(issued.type("report", "2026-10", "--revision", "1", "-f", "json").out)
    stored = reading(issued).show("2026-10")
    text = issued_text(stored, version_line())
    assert json.loads(text) == printed == issued_document(stored, version_line())
    assert text.endswith(stored.body.removeprefix("{"))
    assert ReportDocument(**printed).credits == printed["credits"] != []


def test_its_table_is_the_terminals_byte_for_byte(issued: Desk) -> None:
    printed = issued.type("report", "2026-10", "--revision", "1", "-f", "csv").out
    stored = reading(issued).show("2026-10", 1)
    table = csv_text(issued_document(stored, version_line())).encode("utf-8-sig")
    assert table.decode().replace("\r\n", "\n") == printed.replace("\r\n", "\n")


def test_reports_are_listed_newest_first_behind_a_place(desk: Desk) -> None:
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        for month, digest in (("2026-08", "a"), ("2026-08", "b"), ("2026-07", "a")):
            tx.reports.keep(month, hash=digest, body="{}", at=END)
    reports = reading(desk)
    first = reports.page(None, 2)
    assert [(one.period, one.revision) for one in first] == [("2026-08", 2), ("2026-08", 1)]
    rest = reports.page((first[-1].period, first[-1].revision), 2)
    assert [(one.period, one.revision) for one in rest] == [("2026-07", 1)]


def test_a_report_that_was_never_issued_is_told_apart_from_one_of_no_month(issued: Desk) -> None:
    reports = reading(issued)
    for month, revision, code in (
        ("2026-09", None, "report.not_issued"),
        ("2026-13", None, "report.no_month"),
        ("2026-10", 7, "report.no_revision"),
    ):
        with pytest.raises(NotFound) as raised:
            reports.show(month, revision)
        assert raised.value.code == code


def test_an_account_of_one_service_reads_no_report(issued: Desk) -> None:
    bounded = Actor(
        id="ana", kind=ActorKind.PERSON, scopes=frozenset({Scope.BILLING_READ}),
        services=frozenset({ServiceId("hosting")}),
    )  # fmt: skip
    for actor, code in (
        (bounded, "scope.every_service"),
        (Actor(id="ana", kind=ActorKind.PERSON, scopes=frozenset()), "scope.missing"),
    ):
        with pytest.raises(Refused) as of_list:
            reading(issued, actor).page(None, 1)
        with pytest.raises(Refused) as of_one:
            reading(issued, actor).show("2026-10")
        assert of_list.value.code == of_one.value.code == code
