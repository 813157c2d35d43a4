"""A configuration changes no second of the past, and a young installation shortens no contract."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
import time_machine

from tests.credits.desk import CONFIG, Desk
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.clock import second

MONTH = 31 * 86_400
HOUR = 3600
UNNAMED = OCTOBER.replace("web-1", "")
FELL, ROSE = "2026-10-05T12:00:00Z", "2026-10-05T13:00:00Z"
MIDDLE = "2026-10-15T12:00:00Z"
BEGAN, OVER = "2026-09-30T00:00:00Z", "2026-11-02T00:00:00Z"
DNS = """      - id: dns-1
        name: {es: DNS, en: DNS}
        checks: [{id: dns-1-tcp, probe: tcp, target: "203.0.113.3:53", interval: 60s}]
"""
MAIL = CONFIG[CONFIG.index("      - id: mail-1") :]
WEB = CONFIG[CONFIG.index("      - id: web-1") : CONFIG.index("      - id: mail-1")]
pytestmark = pytest.mark.usefixtures("november")


@pytest.fixture
def november() -> Any:
    with time_machine.travel("2026-11-05T12:00:00Z", tick=False) as traveller:
        yield traveller


def told(desk: Desk, rows: str) -> dict[str, Any]:
    assert desk.type("contracts", "import", desk.write(HEADER + rows)).err == ""
    ran = desk.type("report", "2026-10", "--all", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    document: dict[str, Any] = json.loads(ran.out)
    return document


def row_of(desk: Desk, rows: str) -> dict[str, Any]:
    (row,) = told(desk, rows)["credits"]
    return dict(row)


def test_what_a_component_lost_stays_lost_when_it_leaves(desk: Desk) -> None:
    desk.publish(CONFIG + DNS, second(BEGAN))
    desk.live("web-1-tcp", BEGAN, MIDDLE, (FELL, ROSE))
    desk.live("dns-1-tcp", BEGAN, OVER)
    desk.publish(CONFIG.replace(WEB, "") + DNS, second(MIDDLE))
    row = row_of(desk, UNNAMED)
    assert (row["downtime_s"], row["unknown_s"]) == (HOUR, 0)
    assert (row["verdict"], row["state"], row["unwatched"]) == ("breach", "eligible", [])


def test_a_component_counts_from_its_first_second_and_never_before(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, OVER)
    desk.publish(CONFIG + DNS, second(MIDDLE))
    desk.live("dns-1-tcp", MIDDLE, OVER, ("2026-10-20T00:00:00Z", "2026-10-20T00:30:00Z"))
    row = row_of(desk, UNNAMED)
    assert (row["contracted_s"], row["downtime_s"], row["unknown_s"]) == (MONTH, 1800, 0)
    assert row["verdict"] == "no_breach"


def test_a_courtesy_counts_from_the_second_in_which_it_became_required(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, OVER)
    desk.live(
        "mail-1-tcp", BEGAN, OVER, (FELL, ROSE), ("2026-10-20T00:00:00Z", "2026-10-20T00:10:00Z")
    )
    desk.publish(CONFIG.replace("        role: courtesy\n", ""), second(MIDDLE))
    row = row_of(desk, UNNAMED)
    assert row["downtime_s"] == 600
    document = told(desk, UNNAMED)
    evidence = document["evidence"][row["evidence_hash"]]
    assert [o["start"] for o in evidence["outages"]] == ["2026-10-20T00:00:00Z"]


def test_a_snapshot_that_names_a_component_holds_it_when_it_is_no_longer_watched(
    desk: Desk,
) -> None:
    desk.publish(CONFIG + DNS, second(BEGAN))
    desk.live("web-1-tcp", BEGAN, MIDDLE, (FELL, ROSE))
    desk.live("dns-1-tcp", BEGAN, OVER)
    named = OCTOBER.replace("web-1", "web-1 dns-1")
    assert desk.type("contracts", "import", desk.write(HEADER + named)).err == ""
    desk.publish(CONFIG.replace(WEB, "") + DNS, second(MIDDLE))
    ran = desk.type("report", "2026-10", "--format", "json")
    (row,) = json.loads(ran.out)["credits"]
    left = second("2026-11-01T03:00:00Z") - second(MIDDLE)
    assert (row["downtime_s"], row["unknown_s"]) == (HOUR, left)
    assert row["unwatched"] == [
        {"component": "web-1", "since": MIDDLE, "revision": 3, "until": None}
    ]
    out = desk.type("report", "2026-10").out
    local = "2026-10-15T09:00:00-03:00"
    assert f"Not watched since {local}: web-1, by revision 3 of the configuration" in out
    assert "Z:" not in out, "the table's times are all of its zone"


def test_what_is_watched_again_says_until_when_it_was_not(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, OVER)
    desk.publish(CONFIG.replace(WEB, DNS), second(MIDDLE))
    desk.publish(CONFIG, second("2026-10-16T12:00:00Z"))
    row = row_of(desk, OCTOBER)
    assert row["unknown_s"] == 86_400
    (one,) = row["unwatched"]
    assert (one["since"], one["until"]) == (MIDDLE, "2026-10-16T12:00:00Z")


@pytest.mark.parametrize("rows", [OCTOBER, UNNAMED])
def test_a_young_installation_shortens_neither_contracted_time_nor_allowance(
    fresh: Desk, rows: str
) -> None:
    fresh.publish(CONFIG, second(MIDDLE))
    fresh.live(
        "web-1-tcp", "2026-10-15T12:00:20Z", OVER, ("2026-10-20T12:00:20Z", "2026-10-20T12:48:20Z")
    )
    row = row_of(fresh, rows)
    before = second(MIDDLE) + 20 - second("2026-10-01T03:00:00Z")
    assert (row["contracted_s"], row["allowed_s"]) == (MONTH, "2946.24")
    assert (row["downtime_s"], row["unknown_s"], row["before_records_s"]) == (2880, 0, before)
    assert (row["verdict"], row["state"]) == ("no_breach", "not_eligible")
    assert row["records_since"] == "2026-10-15T12:00:20Z"
    assert Fraction(row["uptime_fraction"]) == Fraction(MONTH - 2880, MONTH)
    out = fresh.type("report", "2026-10", "--all").out
    assert "Records since 2026-10-15T09:00:20-03:00, and the contracted time is whole: C-1" in out


def test_a_component_that_was_never_looked_at_is_unknown_all_the_same(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, OVER)
    row = row_of(desk, OCTOBER.replace("web-1", "mail-1"))
    assert (row["unknown_s"], row["before_records_s"]) == (MONTH, 0)
    assert row["state"] == "needs_review"


def test_a_component_looked_at_only_after_the_month_was_before_its_records(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, OVER)
    desk.live("mail-1-tcp", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z")
    row = row_of(desk, OCTOBER.replace("web-1", "mail-1"))
    assert (row["unknown_s"], row["before_records_s"]) == (0, MONTH)
    assert row["state"] == "not_eligible"


def test_a_gap_after_the_first_look_is_unknown_and_not_before_the_records(desk: Desk) -> None:
    desk.live("web-1-tcp", "2026-09-01T03:00:00Z", "2026-09-30T00:00:00Z")
    desk.live("web-1-tcp", MIDDLE, OVER)
    row = row_of(desk, OCTOBER)
    assert row["before_records_s"] == 0
    assert row["unknown_s"] > 0


def test_who_decides_about_unknown_time_sees_what_it_comes_to_either_way(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, "2026-10-31T03:00:00Z", (FELL, "2026-10-05T12:30:00Z"))
    document = told(desk, OCTOBER)
    (row,) = document["credits"]
    assert (row["state"], row["unknown_s"]) == ("needs_review", 86_400)
    assert (row["amount"], row["amount_if_unknown_up"]) == ("0.00", "0.00")
    # 1234.56 × (1800 + 86400) ÷ 2678400
    assert row["amount_if_unknown_down"] == "40.65"
    assert "0.00 to 40.65 USD" in desk.type("report", "2026-10").out


def test_a_share_is_shown_only_of_time_that_was_watched_for_the_better_half(fresh: Desk) -> None:
    fresh.publish(CONFIG, second("2026-10-31T03:00:00Z"))
    fresh.live("web-1-tcp", "2026-10-31T03:00:00Z", "2026-10-31T03:09:45Z")
    document = told(fresh, OCTOBER)
    web, (row,) = document["components"][0], document["credits"]
    assert (web["watched_s"], web["uptime_display"]) == (600, None)
    assert (row["watched_s"], row["uptime_display"]) == (600, None)
    assert (web["uptime_fraction"], row["uptime_fraction"]) == ("1/1", "1/1")
    assert "100.000000" not in fresh.type("report", "2026-10", "--all").out


def test_how_much_has_to_be_watched_is_configured(fresh: Desk) -> None:
    least = CONFIG.replace("  company:", '  min_coverage: "0.0002"\n  company:')
    fresh.publish(least, second("2026-10-31T03:00:00Z"))
    fresh.live("web-1-tcp", "2026-10-31T03:00:00Z", "2026-10-31T03:09:45Z")
    assert told(fresh, OCTOBER)["components"][0]["uptime_display"] == "100.000000"


def test_a_row_that_nobody_has_to_decide_about_has_no_other_amounts(desk: Desk) -> None:
    desk.live("web-1-tcp", BEGAN, OVER, (FELL, ROSE))
    row = row_of(desk, OCTOBER)
    assert (row["amount_if_unknown_up"], row["amount_if_unknown_down"]) == (None, None)


def test_whoever_applies_a_configuration_is_told_how_many_contracts_lose_sight(desk: Desk) -> None:
    rows = OCTOBER.replace("2026-11-01", "2027-01-01")
    over = OCTOBER.replace("C-1", "C-2").replace("F-1", "F-2")
    others = rows.replace("web-1", "mail-1").replace("C-1", "C-3").replace("F-1", "F-3")
    other_terms = UNNAMED.replace("C-1", "C-4").replace("F-1", "F-4")
    desk.type("contracts", "import", desk.write(HEADER + rows + over + others + other_terms))
    file = desk.write(CONFIG.replace(WEB, DNS), name="new.yaml")
    ran = desk.type("config", "apply", file, "--dry-run")
    assert ran.code == 0
    assert "no longer watched: web-1. 1 contract in a paid period relies on that: " in ran.err
    assert (
        "no longer watched"
        not in desk.type("config", "apply", desk.write(CONFIG, name="b.yaml")).err
    )


def test_it_counts_several_contracts_in_right_english(desk: Desk) -> None:
    row = OCTOBER.replace("2026-11-01", "2027-01-01")
    second_row = row.replace("C-1", "C-2").replace("F-1", "F-2")
    desk.type("contracts", "import", desk.write(HEADER + row + second_row))
    file = desk.write(CONFIG.replace(WEB, DNS), name="new.yaml")
    ran = desk.type("config", "apply", file, "--dry-run")
    assert (
        "2 contracts in a paid period rely on that: from then on that time counts as unknown."
        in ran.err
    )
