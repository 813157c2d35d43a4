"""What the month under way will come to is what its report will say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
import typer
from typer.testing import CliRunner, Result

from credits.forecast.forecast import AlikeForecast, Forecast, present_forecast
from credits.money import Money
from monitor.cli.billing.forecast import register
from monitor.journal.access import open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from tests.credits.desk import Desk
from tests.credits.test_classification import PESOS
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.clock import second

START = "2026-09-30T00:00:00Z"
FELL = "2026-10-12T13:00:00Z"


@pytest.fixture
def sold(desk: Desk) -> Desk:
    """One contract in dollars and one in pesos, on the same web server."""
    with time_machine.travel("2026-10-01T12:00:00Z", tick=False):
        ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER + PESOS))
    assert ran.code == 0, ran.err
    return desk


def seen(desk: Desk, at: str) -> Forecast:
    with open_journal(desk.url) as journal:
        return present_forecast(journal, RevisionReader(journal).read(), second(at))[0]


def of(found: Forecast, name: str = "C-1") -> AlikeForecast:
    return next(one for one in found.alike if name in one.first)


def down_until(desk: Desk, end: str) -> None:
    desk.live("web-1-tcp", START, end, (FELL, end))


def test_an_outage_under_way_says_when_it_breaks_the_guarantee_and_what_that_costs(
    sold: Desk,
) -> None:
    """2946.24 s are allowed: the 2947th breaks it. Ten minutes are gone."""
    down_until(sold, "2026-10-12T13:10:00Z")
    found = of(seen(sold, "2026-10-12T13:10:05Z"))
    assert (int(found.budget.used), found.budget.is_going_on) == (600, True)
    assert found.breaks_at == second(FELL) + 2_947
    assert found.then is not None
    assert found.later is not None
    assert found.then.at == found.breaks_at
    assert found.then.totals == (Money(Decimal("1.36"), "USD"),)
    assert found.later.totals == (Money(Decimal("3.02"), "USD"),)


def test_its_cost_is_what_the_report_says_once_it_ends_there(sold: Desk) -> None:
    down_until(sold, "2026-10-12T13:10:00Z")
    before = of(seen(sold, "2026-10-12T13:10:05Z"))
    assert before.later is not None
    # The next check run that works is that of the minute: the outage ends there.
    sold.live("web-1-tcp", "2026-10-12T13:10:00Z", "2026-11-02T00:00:00Z",
              ("2026-10-12T13:10:00Z", "2026-10-12T14:50:00Z"))  # fmt: skip
    with time_machine.travel("2026-11-05T12:00:00Z", tick=False):
        month: dict[str, Any] = json.loads(sold.type("report", "2026-10", "--format", "json").out)
    (row,) = [row for row in month["credits"] if row["contract_id"] == "C-1"]
    assert row["downtime_s"] == 6_600
    after = of(seen(sold, "2026-10-12T14:50:30Z"))
    assert after.budget.used == 6_600
    assert after.then is not None
    assert [f"{one.amount}" for one in after.then.totals] == [row["amount"]]


def test_what_is_broken_costs_now_and_more_in_an_hour_only_while_it_goes_on(sold: Desk) -> None:
    down_until(sold, "2026-10-12T14:00:00Z")
    on = of(seen(sold, "2026-10-12T14:00:10Z"))
    assert (on.breaks_at, on.budget.is_used_up) == (None, True)
    assert on.then is not None
    assert on.later is not None
    assert on.then.totals == (Money(Decimal("1.66"), "USD"),)
    assert on.later.totals == (Money(Decimal("3.32"), "USD"),)
    sold.live("web-1-tcp", "2026-10-12T14:00:00Z", "2026-10-12T15:00:00Z")
    over = of(seen(sold, "2026-10-12T15:00:10Z"))
    assert over.then is not None
    assert (over.then.totals, over.later) == ((Money(Decimal("1.66"), "USD"),), None)


def test_where_all_works_nothing_is_used_and_nothing_due(sold: Desk) -> None:
    sold.live("web-1-tcp", START, "2026-10-12T13:00:00Z")
    found = seen(sold, "2026-10-12T13:00:10Z")
    assert [one.budget.used for one in found.alike] == [0, 0]
    assert (found.then, found.later, dict(found.reached)) == ((), (), {})


def test_an_outage_that_nobody_has_seen_for_minutes_is_not_said_to_go_on(sold: Desk) -> None:
    down_until(sold, "2026-10-12T13:10:00Z")
    found = of(seen(sold, "2026-10-12T13:20:00Z"))
    assert (found.budget.is_going_on, found.breaks_at, found.then) == (False, None, None)
    assert (int(found.budget.used), int(found.budget.possible)) == (600, 600)


def test_the_fleet_counts_who_has_reached_what_and_adds_each_currency(sold: Desk) -> None:
    down_until(sold, "2026-10-12T13:40:00Z")
    found = seen(sold, "2026-10-12T13:40:10Z")
    assert dict(found.reached) == {50: 2, 80: 2}
    assert found.then == (Money(Decimal("99.03"), "ARS"), Money(Decimal("1.36"), "USD"))
    assert found.going_on == 2
    sold.live("web-1-tcp", "2026-10-12T13:40:00Z", "2026-10-12T13:50:00Z",
              ("2026-10-12T13:40:00Z", "2026-10-12T13:50:00Z"))  # fmt: skip
    assert dict(seen(sold, "2026-10-12T13:50:10Z").reached) == {50: 2, 80: 2, 100: 2}


def test_a_contract_that_has_ended_loses_nothing_any_more(sold: Desk) -> None:
    ended = OCTOBER.replace("C-1", "C-8").replace("F-1", "F-8")
    ended = ended.replace("2026-01-10,", "2026-01-10,2026-10-05")
    with time_machine.travel("2026-10-06T12:00:00Z", tick=False):
        ran = sold.type("contracts", "import", sold.write(HEADER + ended))
    assert ran.code == 0, ran.err
    down_until(sold, "2026-10-12T13:10:00Z")
    found = of(seen(sold, "2026-10-12T13:10:05Z"), "C-8")
    assert (int(found.budget.used), found.budget.is_going_on) == (0, False)


def typed(desk: Desk, *words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    where = ["--config", str(desk.config), "--data-dir", str(desk.folder / "var")]
    return CliRunner().invoke(app, ["forecast", *words, *where])


@pytest.fixture
def in_the_outage(sold: Desk) -> Iterator[Desk]:
    down_until(sold, "2026-10-12T13:40:00Z")
    with time_machine.travel("2026-10-12T13:40:10Z", tick=False):
        yield sold


def test_the_command_shows_the_worst_and_the_sums(in_the_outage: Desk) -> None:
    ran = typed(in_the_outage)
    assert ran.exit_code == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[1].split() == [
        "C-1", "77", "2400", "s", "2946.24", "s", "81", "2026-10-12T10:49:07-03:00",
        "USD", "1.36", "USD", "3.02",
    ]  # fmt: skip
    assert lines[-2:] == [
        "2 contracts: 2 at 50 %, 2 at 80 %",
        "If it goes on: ARS 99.03 + USD 1.36 once each guarantee is broken; an hour after that: "
        "ARS 219.99 + USD 3.02",
    ]


def test_the_command_says_where_nothing_goes_on(sold: Desk) -> None:
    down_until(sold, "2026-10-12T14:00:00Z")
    sold.live("web-1-tcp", "2026-10-12T14:00:00Z", "2026-10-12T15:00:00Z")
    with time_machine.travel("2026-10-12T15:00:10Z", tick=False):
        said = typed(sold).stdout.splitlines()[-1]
    assert said == "Nothing goes on now; ARS 120.97 + USD 1.66 due for this month so far"


def test_the_command_denies_no_outage_that_only_the_end_of_the_month_outruns(sold: Desk) -> None:
    """Half an hour is left: another contract's outage goes on and breaks nothing any more."""
    on_mail = OCTOBER.replace("C-1", "C-9").replace("501", "509").replace("web-1", "mail-1")
    with time_machine.travel("2026-10-02T12:00:00Z", tick=False):
        sold.type("contracts", "import", sold.write(HEADER + on_mail.replace("F-1", "F-9")))
    down_until(sold, "2026-10-12T14:00:00Z")
    sold.live("web-1-tcp", "2026-10-12T14:00:00Z", "2026-10-12T15:00:00Z")
    end = "2026-11-01T02:40:00Z"
    sold.live("mail-1-tcp", "2026-11-01T02:00:00Z", end, ("2026-11-01T02:30:00Z", end))
    with time_machine.travel("2026-11-01T02:40:10Z", tick=False):
        said = typed(sold).stdout.splitlines()[-1]
    assert said.startswith("If it goes on: ARS 120.97 + USD 1.66"), said


def test_programs_get_every_contract_that_was_touched(in_the_outage: Desk) -> None:
    found = json.loads(typed(in_the_outage, "--json").stdout)
    assert [one["contract_id"] for one in found["worst"]] == ["C-1", "C-4"]
    assert found["reached"] == {"50": 2, "80": 2, "100": 0}
    assert found["worst"][0]["then"] == {
        "at": "2026-10-12T10:49:07-03:00", "totals": [{"currency": "USD", "amount": "1.36"}],
    }  # fmt: skip
