"""A month on paper says what its JSON says, and a client's statement nothing of another."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine

from credits.paper.contents import clients_of, statement, summary
from credits.statements.document import sums_of
from monitor.i18n.formats import amount, money
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAPER
from tests.credits.desk import Desk, Ran
from tests.credits.test_classification import PESOS
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.require import require_server

pytest.importorskip("reportlab", reason="the extra pdf is not installed")

NOW = "2026-11-05T12:00:00Z"
ODD = "<b>Ñandú & Cía</b>"
OTHER = OCTOBER.replace("C-1", "C-9").replace("77", ODD).replace("F-1", "F-99")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """October with two outages of the web server and a long one of mail; two clients."""
    desk = Desk(tmp_path_factory.mktemp("paper"))
    lived = ("2026-09-30T00:00:00Z", "2026-11-02T00:00:00Z")
    desk.live(
        "web-1-tcp", *lived,
        ("2026-10-12T13:00:00Z", "2026-10-12T14:00:00Z"),
        ("2026-10-20T13:00:00Z", "2026-10-20T13:05:00Z"),
    )  # fmt: skip
    desk.live("mail-1-tcp", *lived, ("2026-10-02T13:00:00Z", "2026-10-03T02:00:00Z"))
    with time_machine.travel(NOW, tick=False):
        ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER + PESOS + OTHER))
    assert ran.code == 0, ran.err
    return desk


@pytest.fixture(scope="module")
def month(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report(desk, "--format", "json").out)
    return found


def report(desk: Desk, *words: str) -> Ran:
    with time_machine.travel(NOW, tick=False):
        return desk.type("report", "2026-10", *words)


def pdf(month: dict[str, Any], client: str | None = None, lang: Lang = Lang.ES) -> bytes:
    from credits.paper.render import pdf_of

    if client is not None:
        return pdf_of([statement(month, client, "Ejemplo S.A.", lang)], lang)
    sheets = [statement(month, one, "Ejemplo S.A.", lang) for one in clients_of(month)]
    return pdf_of([summary(month, "Ejemplo S.A.", lang), *sheets], lang)


def words_of(content: bytes) -> str:
    """What stands on paper, in the order in which a person reads it."""
    reader = require_server("pdftotext", "what stands on paper")
    done = subprocess.run(
        [reader, "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().replace("\u00a0", " ").split())


def test_its_totals_and_amounts_are_those_of_the_json(month: dict[str, Any]) -> None:
    told = words_of(pdf(month))
    for total in month["totals"]:
        figures = [amount(total[n], Lang.ES) for n in ("eligible", "blocked_suspended", "total")]
        assert f"{total['currency']} {' '.join(figures)}" in told
    for row in month["credits"]:
        sum_of_row = money(row["amount"], row["currency"], Lang.ES).replace("\u00a0", " ")
        assert f"{amount(str(row['downtime_s']), Lang.ES)} s {sum_of_row}" in told
        assert row["credit_id"] in told


def test_it_says_of_each_component_and_outage_what_the_json_says(month: dict[str, Any]) -> None:
    told = words_of(pdf(month))
    for one in month["components"]:
        share = amount(one["uptime_display"], Lang.ES)
        assert f"{one['name']} {share} % {amount(str(one['down_s']), Lang.ES)} s" in told
        for outage in one["outages"]:
            local = outage["start_local"]
            day = f"{local[8:10]}/{local[5:7]}/{local[:4]} {local[11:19]}"
            assert f"{one['name']} {day}" in told
    assert month["content_hash"] in told


def test_a_component_that_was_there_for_a_few_days_does_not_seem_to_lack_data(
    month: dict[str, Any],
) -> None:
    young = month["components"][0] | {
        "uptime_display": None, "up_s": 259_200, "watched_s": 259_200, "unknown_s": 0,
        "before_records_s": 2_419_200,
    }  # fmt: skip
    told = words_of(pdf(month | {"components": [young]}))
    assert f"{young['name']} controlado 9 %" in told
    assert "pocos datos" not in told


def test_a_statement_is_about_its_client_alone(month: dict[str, Any]) -> None:
    told = words_of(pdf(month, "77"))
    assert all(own in told for own in ("C-1", "C-4", "USD 1,80", "ARS 131,05"))
    for other in ("C-9", "F-99", "Ñandú", "mail-1", "Correo"):
        assert other not in told


def test_its_sums_are_those_of_its_rows(month: dict[str, Any]) -> None:
    for client in clients_of(month):
        told = words_of(pdf(month, client))
        sums: dict[str, Decimal] = {}
        for row in month["credits"]:
            if row["client_id"] == client:
                before = sums.get(row["currency"], Decimal(0))
                sums[row["currency"]] = before + Decimal(row["amount"])
        last = told.partition("Moneda Total")[2]
        for currency, total in sums.items():
            assert f"{currency} {amount(str(total), Lang.ES)}" in last


def test_words_of_customers_are_no_markup(month: dict[str, Any]) -> None:
    assert f"Cliente {ODD}" in words_of(pdf(month, ODD))


def test_a_sign_that_the_font_lacks_is_said_to_be_missing(month: dict[str, Any]) -> None:
    rows = [{**row, "product": "Radio 広島"} for row in month["credits"]]
    assert "Radio ??" in words_of(pdf({**month, "credits": rows}, "77"))


def test_equal_months_are_equal_bytes(month: dict[str, Any]) -> None:
    assert pdf(month) == pdf(json.loads(json.dumps(month)))


def test_it_is_there_in_english(month: dict[str, Any]) -> None:
    told = words_of(pdf(month, lang=Lang.EN))
    assert "Availability and credits of October 2026" in told
    assert "USD 3.60 0.00 3.60" in told


def test_it_draws_each_outage_at_its_place(month: dict[str, Any]) -> None:
    picture = summary(month, "", Lang.ES).sections[1].picture
    assert picture is not None
    drawn = {name: [(b.span.seconds, b.kind) for b in bars] for name, bars in picture.rows}
    assert drawn == {
        "Correo": [(46_800, "down")],
        "Servidor web 1": [(3_600, "down"), (300, "down")],
    }
    assert [day for _, day in picture.days] == [str(n) for n in range(1, 32)]
    assert [name for name, _ in picture.rows] == ["Correo", "Servidor web 1"]


def test_a_figure_that_is_not_final_says_so(month: dict[str, Any]) -> None:
    loose = {**month, "is_provisional": True, "payable": False}
    assert "todavía no es definitivo" in words_of(pdf(loose))
    later = {**month, "payable": False}
    assert "lo que se paga es lo de la primera revisión" in words_of(pdf(later))


def test_a_month_of_thousands_is_many_pages_and_none_is_lost(month: dict[str, Any]) -> None:
    first = month["credits"][0]
    rows = [{**first, "credit_id": f"BON-{n:05}", "client_id": "77"} for n in range(1_000)]
    from credits.paper.render import pdf_of

    sheet = summary({**month, "credits": rows}, "", Lang.ES)
    told = words_of(pdf_of([replace(sheet, sections=sheet.sections[-1:])], Lang.ES))
    assert all(row["credit_id"] in told for row in rows)


def test_the_command_writes_it(desk: Desk, month: dict[str, Any]) -> None:
    ran = run_report(desk, "--format", "pdf", "--client", "77")
    assert ran.returncode == 0, ran.stderr
    assert "Example" in words_of(ran.stdout)
    assert "C-1" in words_of(ran.stdout)
    nobody = run_report(desk, "--format", "pdf", "--client", "nobody")
    assert (nobody.returncode, nobody.stdout) == (2, b"")
    assert b"is not about client nobody" in nobody.stderr


def test_who_lacks_the_library_is_told_which_extra_has_it(desk: Desk) -> None:
    without = "import sys; sys.modules['reportlab'] = None; from monitor.cli import main; main()"
    ran = run_report(desk, "--format", "pdf", code=without)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"estado[pdf]" in ran.stderr


def run_report(desk: Desk, *words: str, code: str = "from monitor.cli import main; main()") -> Any:
    """A revision that was issued, by the program itself: its clock is the machine's."""
    where = ["--config", str(desk.config), "--data-dir", str(desk.folder / "var")]
    return subprocess.run(
        [sys.executable, "-c", code, "report", "2026-10", "--revision", "1", *words, *where],
        cwd=Path(__file__).parents[2], capture_output=True, check=False,
    )  # fmt: skip


def test_every_state_of_a_report_has_its_words() -> None:
    from credits.assess import Status

    for lang in (Lang.ES, Lang.EN):
        assert set(PAPER[lang].states) >= {str(status) for status in Status}


def test_what_a_person_has_still_to_decide_is_in_no_sum() -> None:
    rows: list[dict[str, Any]] = [
        {"amount": "1.66", "currency": "USD", "state": "eligible"},
        {"amount": "-1.38", "currency": "USD", "state": "pending_human_approval"},
        {"amount": "9.00", "currency": "USD", "state": "needs_review"},
        {"amount": None, "currency": "ARS", "state": "needs_review"},
    ]
    assert sums_of(rows) == {"USD": Decimal("1.66")}
