"""`estado report`: one outage, told to the second in every form, and what is owed for it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
import time_machine

from credits.cases.compute import figures
from credits.cases.read import read_cases
from credits.report.csv import cell, csv_text
from monitor.domain.checks.observation import ComponentId
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.text import plain
from monitor.journal.access import open_journal
from tests.credits.desk import CONFIG, Desk
from tests.credits.test_contracts import HEADER, NOVEMBER, OCTOBER
from tests.support.clock import second

FELL, ROSE = "2026-10-12T13:00:00Z", "2026-10-12T14:00:00Z"
SUSPENDED_HEADER = HEADER.replace("suspended,", "suspended,suspended_now,")


@pytest.fixture
def november() -> Iterator[time_machine.Traveller]:
    with time_machine.travel("2026-11-05T12:00:00Z", tick=False) as traveller:
        yield traveller


def lived(desk: Desk, *down: tuple[str, str]) -> None:
    """Web looked at from before October until after it; down in the given spans."""
    desk.live("web-1-tcp", "2026-09-30T00:00:00Z", "2026-11-02T00:00:00Z", *down)


def told(desk: Desk, *words: str) -> dict[str, Any]:
    ran = desk.type("report", *words, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    document: dict[str, Any] = json.loads(ran.out)
    return document


def plan(desk: Desk, published: str, start: str, end: str) -> None:
    window = MaintenanceWindow(
        id=MaintenanceId("m1"), title=plain("m"), impact=plain("m"), start=second(start),
        end=second(end), components=(ComponentId("web-1"),),
    )  # fmt: skip
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        tx.maintenance.save(window)
        tx.maintenance.publish([window.id], second(published))


@pytest.mark.usefixtures("november")
def test_it_tells_an_outage_to_the_second_without_any_contract(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    document = told(desk, "2026-10")
    web, mail = document["components"]
    assert (web["down_s"], web["up_s"], web["unknown_s"]) == (3600, 31 * 86_400 - 3600, 0)
    assert (mail["unknown_s"], mail["uptime_display"]) == (31 * 86_400, None)
    assert document["default_terms"]["allowed_s"] == "2946.24"
    (outage,) = web["outages"]
    assert (outage["start"], outage["end"]) == (FELL, ROSE)
    assert outage["last_success_before"] == "2026-10-12T12:59:00Z"
    assert outage["last_failure"] == "2026-10-12T13:59:00Z"
    assert (outage["certain_s"], outage["counted_down_s"], outage["possible_s"]) == (
        3540, 3600, 3660,
    )  # fmt: skip
    assert (document["credits"], document["totals"]) == ([], [])


@pytest.mark.usefixtures("november")
def test_a_row_carries_what_the_arithmetic_of_cases_says(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    document = told(desk, "2026-10")
    (row,) = document["credits"]
    case = {
        "id": "the same",
        "input": {
            "window": {"start": "2026-10-01T00:00:00", "end": "2026-11-01T00:00:00"},
            "components": [{"id": "web-1", "down": [[FELL, ROSE]]}],
            "invoices": [
                {
                    "id": "F-1", "start": "2026-10-01T00:00:00", "end": "2026-11-01T00:00:00",
                    "net_amount": "1234.56", "currency": "USD",
                }
            ],
        },
    }  # fmt: skip
    (read,) = read_cases(json.dumps({"cases": [case]})).cases
    wanted = figures(read)
    for ours, theirs in (
        ("contracted_s", "contracted_s"), ("downtime_s", "downtime_s"), ("verdict", "verdict"),
        ("allowed_s", "allowed_downtime_s"), ("uptime_fraction", "uptime_fraction"),
        ("uptime_display", "uptime_pct_floor6"), ("amount", "credit"), ("currency", "currency"),
        ("state", "status"),
    ):  # fmt: skip
        assert row[ours] == wanted[theirs]
    assert row["credit_id"].startswith("BON-2026-10-")
    assert Fraction(row["exact_amount"]) == Fraction("1234.56") * 3600 / (31 * 86_400)
    assert row["arithmetic"] == "1234.56 × 1 × 1 × 3600 s ÷ 2678400 s"
    assert document["totals"] == [
        {"currency": "USD", "eligible": "1.66", "blocked_suspended": "0.00", "total": "1.66"}
    ]
    evidence = document["evidence"][row["evidence_hash"]]
    assert [s["seconds"] for s in evidence["stretches"]] == [3600]
    assert evidence["terms"]["guarantee"] == "0.9989"


@pytest.mark.usefixtures("november")
def test_issuing_again_gives_the_same_bytes_and_a_correction_a_new_revision(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    first, again = told(desk, "2026-10"), told(desk)
    assert first == again
    assert (first["report_id"], first["revision"]) == ("2026-10 r1", 1)
    plan(desk, "2026-10-01T00:00:00Z", FELL, "2026-10-12T13:30:00Z")
    second_one = told(desk, "2026-10")
    assert second_one["revision"] == 2
    assert second_one["content_hash"] != first["content_hash"]
    assert told(desk, "2026-10", "--revision", "1") == first


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize(
    ("published", "down", "excluded"),
    [("2026-10-12T12:59:59Z", 1800, 1800), (FELL, 3600, 0)],
)
def test_maintenance_is_excluded_only_if_published_before_its_start(
    desk: Desk, published: str, down: int, excluded: int
) -> None:
    lived(desk, (FELL, ROSE))
    plan(desk, published, FELL, "2026-10-12T13:30:00Z")
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    document = told(desk, "2026-10", "--all")
    web, row = document["components"][0], document["credits"][0]
    assert (web["down_s"], web["excluded_s"]) == (down, excluded)
    assert (row["downtime_s"], row["excluded_s"]) == (down, excluded)
    assert row["verdict"] == ("breach" if down > 2946 else "no_breach")
    assert document["report_id"] == "2026-10 complete"


@pytest.mark.usefixtures("november")
def test_terms_that_change_inside_the_month_are_judged_apart(desk: Desk) -> None:
    lived(desk, ("2026-10-05T12:00:00Z", "2026-10-05T12:30:00Z"), (FELL, ROSE))
    desk.publish(CONFIG.replace('"0.9989"', '"0.995"'), second("2026-10-10T03:00:00Z"))
    rows = (
        HEADER
        + OCTOBER.replace("2026-11-01", "2026-10-10")
        + NOVEMBER.replace("2026-11-01", "2026-10-10")
    )
    assert desk.type("contracts", "import", desk.write(rows)).code == 0
    first, later = told(desk, "2026-10", "--all")["credits"]
    assert (first["window_end"], first["allowed_s"]) == ("2026-10-10T03:00:00Z", "855.36")
    assert (first["downtime_s"], first["verdict"], first["invoice_id"]) == (1800, "breach", "F-1")
    assert (later["downtime_s"], later["verdict"]) == (3600, "no_breach")
    assert later["allowed_s"] == "9504"


@pytest.mark.usefixtures("november")
def test_rows_for_people_to_decide_and_rows_of_nothing_are_there(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    rows = [
        OCTOBER.replace("1234.56", "0.05").replace("C-1", "C-tiny").replace(",,,F-1", ",,,no,F-1"),
        OCTOBER.replace("C-1", "C-blocked").replace(",,,F-1", ",,,yes,F-2"),
        OCTOBER.replace("C-1", "C-unseen")
        .replace("web-1", "mail-1")
        .replace(",,,F-1", ",,,no,F-3"),
        OCTOBER.replace("C-1", "C-clp")
        .replace("1234.56,USD", "14990,CLP")
        .replace(",,,F-1", ",,,no,F-4"),
    ]
    ran = desk.type("contracts", "import", desk.write(SUSPENDED_HEADER + "".join(rows)))
    assert ran.err == ""
    document = told(desk, "2026-10")
    found = {row["contract_id"]: (row["state"], row["amount"]) for row in document["credits"]}
    assert found == {
        "C-tiny": ("eligible_zero", "0.00"),
        "C-blocked": ("blocked_suspended", "1.66"),
        "C-unseen": ("needs_review", "0.00"),
        "C-clp": ("eligible", "20"),
    }
    assert document["totals"] == [
        {"currency": "CLP", "eligible": "20", "blocked_suspended": "0", "total": "20"},
        {"currency": "USD", "eligible": "0.00", "blocked_suspended": "1.66", "total": "1.66"},
    ]


@pytest.mark.usefixtures("november")
def test_a_breach_that_no_invoice_prices_waits_for_a_person(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    unpaid = OCTOBER.replace("F-1,L1,2026-10-01,2026-11-01,1234.56,USD", ",,,,,")
    late = OCTOBER.replace("C-1", "C-2").replace("2026-10-01,", "2026-10-12T10:30:00,")
    assert desk.type("contracts", "import", desk.write(HEADER + unpaid + late)).err == ""
    rows = told(desk, "2026-10")["credits"]
    assert [(r["state"], r["amount"], r["uninvoiced_s"]) for r in rows] == [
        ("needs_review", None, 3600), ("eligible", "1.31", 1800),
    ]  # fmt: skip


def test_a_month_that_is_not_over_is_refused_with_the_way_out(desk: Desk) -> None:
    with time_machine.travel("2026-11-01T02:59:59Z", tick=False):
        ran = desk.type("report", "2026-10")
        later = desk.type("report", "2026-12", "--provisional")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "2026-10 is not over: it ends at 2026-11-01T00:00:00-03:00; add --provisional for the"
        " figures so far\n"
    )
    assert later.code == 2
    assert later.err == "2026-12 has not begun: it begins at 2026-12-01T00:00:00-03:00\n"


def test_a_provisional_report_ends_now_and_is_not_kept(desk: Desk) -> None:
    desk.live("web-1-tcp", "2026-10-01T00:00:00Z", "2026-10-12T13:30:00Z", (FELL, ROSE))
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    with time_machine.travel("2026-10-12T13:30:00Z", tick=False):
        document = told(desk, "--provisional")
    assert (document["report_id"], document["revision"]) == ("2026-10 provisional", None)
    assert document["window"]["end"] == "2026-10-12T13:30:00Z"
    web = document["components"][0]
    assert (web["down_s"], web["outages"][0]["end"]) == (1800, None)
    row = document["credits"][0]
    assert (row["credit_id"], row["verdict"]) == (None, "breach")
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        assert list(tx.reports.of("2026-10")) == []


@pytest.mark.usefixtures("november")
def test_a_month_that_nobody_watched_is_not_issued(desk: Desk) -> None:
    ran = desk.type("report", "2026-10")
    assert ran.code == 2
    assert "no second of it was watched" in ran.err


@pytest.mark.parametrize(
    "words", [("report", "2026-10"), ("report", "--provisional"), ("contracts", "list")]
)
def test_a_folder_without_a_journal_is_not_taken_for_an_empty_one(
    desk: Desk, words: tuple[str, ...]
) -> None:
    elsewhere = desk.folder / "elsewhere"
    ran = desk.type(*words, data_dir=elsewhere)
    assert (ran.code, ran.out) == (2, "")
    assert f"There is no journal at {elsewhere}/journal.db" in ran.err
    assert not elsewhere.exists()


def test_contracts_may_be_imported_before_anything_has_run(desk: Desk) -> None:
    fresh = desk.folder / "fresh"
    done = desk.type("contracts", "import", desk.write(HEADER + OCTOBER), data_dir=fresh)
    assert (done.code, done.err) == (0, f"A new journal begins at {fresh / 'journal.db'}.\n")
    assert "C-1" in desk.type("contracts", "list", data_dir=fresh).out


@pytest.mark.usefixtures("november")
def test_a_month_that_is_over_can_be_looked_at_without_being_issued(desk: Desk) -> None:
    lived(desk)
    assert told(desk, "2026-10", "--provisional")["revision"] is None
    assert told(desk, "2026-10")["revision"] == 1


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_the_csv_opens_in_a_spreadsheet_and_runs_nothing(desk: Desk, delimiter: str) -> None:
    lived(desk, (FELL, ROSE))
    evil = OCTOBER.replace("Hosting básico", '"=HYPERLINK(""http://x"",""a;b"")"')
    desk.type("contracts", "import", desk.write(HEADER + evil))
    ran = desk.type("report", "2026-10", "--format", "csv", "--delimiter", delimiter)
    assert ran.out.startswith("\ufeffreport_id")
    (row,) = csv.DictReader(io.StringIO(ran.out.lstrip("\ufeff")), delimiter=delimiter)
    assert row["product"] == """'=HYPERLINK("http://x","a;b")"""
    said = (row["report_id"], row["amount"], row["downtime_s"], row["window_start_local"])
    assert (
        said
        == {
            ",": ("2026-10 r1", "1.66", "3600", "2026-10-01T00:00:00-03:00"),
            ";": ("2026-10 r1", "1,66", "3600", "2026-10-01 00:00:00"),
        }[delimiter]
    )


def test_a_spreadsheet_in_spanish_takes_no_number_for_another_nor_for_a_date() -> None:
    """To it `1.660` is 1660, `1.66` a text, and `5/3` the fifth of March."""
    row = {
        "amount": "-1.660", "uptime_display": "99.854390", "exact_amount": "5/3", "weight": "1/2",
        "downtime_s": 3600, "product": "=1+1", "amount_if_unknown_up": None,
    }  # fmt: skip
    document = {"report_id": "r", "revision": 1, "payable": True, "credits": [row]}
    (cells,) = csv.DictReader(io.StringIO(csv_text(document, ";")), delimiter=";")
    assert cells["amount"] == "-1,660"
    assert cells["uptime_display"] == "99,854390"
    assert (cells["exact_amount"], cells["weight"]) == ("5 ÷ 3", "1 ÷ 2")
    assert (cells["downtime_s"], cells["amount_if_unknown_up"]) == ("3600", "")
    assert cells["product"] == "'=1+1"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_begins_like_a_formula_is_quoted_and_numbers_are_not(begins: str) -> None:
    assert cell("product", f"{begins}1") == f"'{begins}1"
    assert cell("amount", "-2.29") == "-2.29"


def test_a_cell_of_the_report_gives_a_terminal_no_orders() -> None:
    assert cell("product", "C-1\x1b[2J\x9b\x07") == "C-1\\x1b[2J\\x9b\\x07"


@pytest.mark.usefixtures("november")
def test_the_table_says_what_a_person_checks_by_hand(desk: Desk) -> None:
    lived(desk, (FELL, ROSE))
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    out = desk.type("report", "2026-10").out
    assert "0.9989 of it allows 2946.24 s of downtime" in out
    assert "2026-10-12T10:00:00-03:00" in out
    assert "Total USD: 1.66 eligible" in out
    assert "\x1b" not in out


@pytest.mark.usefixtures("november")
def test_counted_and_excluded_stand_between_what_is_certain_and_what_is_possible(
    desk: Desk,
) -> None:
    lived(desk, (FELL, ROSE), ("2026-10-20T12:00:00Z", "2026-10-20T12:20:00Z"))
    plan(desk, "2026-10-01T00:00:00Z", "2026-10-12T13:15:00Z", "2026-10-12T13:30:00Z")
    document = told(desk, "2026-10")
    web = document["components"][0]
    for outage in web["outages"]:
        lasted = outage["counted_down_s"] + outage["counted_excluded_s"]
        assert lasted == outage["lasted_s"]
        assert outage["certain_s"] <= lasted <= outage["possible_s"]
    assert sum(o["counted_down_s"] for o in web["outages"]) == web["down_s"]
    assert sum(o["counted_excluded_s"] for o in web["outages"]) == web["excluded_s"]
    lines = desk.type("report", "2026-10").out.splitlines()
    head = next(line for line in lines if line.startswith("component") and "certain" in line)
    assert head.split()[3:7] == ["counted", "excluded", "certain", "possible"]
    first = next(line for line in lines if "2026-10-12T10:00:00-03:00" in line)
    assert first.split()[3:11] == ["2700", "s", "900", "s", "3540", "s", "3660", "s"]


@pytest.mark.usefixtures("november")
def test_the_bounds_of_an_outage_over_midnight_are_those_of_its_month(desk: Desk) -> None:
    lived(desk, ("2026-10-01T02:00:00Z", "2026-10-01T04:00:00Z"))
    (outage,) = told(desk, "2026-10")["components"][0]["outages"]
    assert (outage["start"], outage["end"]) == ("2026-10-01T02:00:00Z", "2026-10-01T04:00:00Z")
    assert (outage["certain_s"], outage["counted_down_s"], outage["possible_s"]) == (
        3540, 3600, 3600,
    )  # fmt: skip


@pytest.mark.usefixtures("november")
@pytest.mark.parametrize(
    ("published", "down", "excluded"),
    [("2026-10-12T13:05:00Z", 3600, 0), ("2026-10-12T12:59:59Z", 1800, 1800)],
)
def test_maintenance_announced_during_an_outage_takes_nothing_of_it_out(
    desk: Desk, published: str, down: int, excluded: int
) -> None:
    lived(desk, (FELL, ROSE))
    plan(desk, published, "2026-10-12T13:30:00Z", "2026-10-12T14:30:00Z")
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    document = told(desk, "2026-10", "--all")
    web, row = document["components"][0], document["credits"][0]
    assert (web["down_s"], web["excluded_s"]) == (down, excluded)
    assert (row["downtime_s"], row["excluded_s"]) == (down, excluded)
    (evidence,) = document["evidence"].values()
    spans = [(e["start"], e["end"]) for e in evidence["maintenance"][0]["excluded"]]
    told_from = "2026-10-12T13:30:00Z" if excluded else ROSE
    assert spans == [(told_from, "2026-10-12T14:30:00Z")]


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "octubre", "2026-10-01", "0000-01"])
def test_what_is_no_month_is_refused(desk: Desk, month: str) -> None:
    ran = desk.type("report", month)
    assert (ran.code, ran.err) == (2, f"MONTH: wanted a month such as 2026-10, got {month!r}\n")


@pytest.mark.usefixtures("november")
def test_a_month_whose_configuration_cannot_be_read_is_not_issued(desk: Desk) -> None:
    lived(desk)
    desk.publish(CONFIG + "no_longer_known: 1\n", second("2026-10-10T00:00:00Z"))
    desk.publish(CONFIG, second("2026-10-11T00:00:00Z"))
    ran = desk.type("report", "2026-10")
    assert (ran.code, ran.out) == (2, "")
    assert "cannot read the configuration then in force (revision 2)" in ran.err
    assert desk.type("report", "2026-10", "--provisional").code == 0
