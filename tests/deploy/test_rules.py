"""Each alert on the monitor itself fires when it should and keeps quiet when it should, as
Prometheus' own promtool works them out."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.deploy.tree import DEPLOY, RULES, alert_rules
from tests.docs.test_metrics_page import DOCUMENTED
from tests.support.require import require_server

DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Series as promtool writes them, a value a minute, and the minute at which to look."""

    alert: str
    at: int
    fires: Mapping[str, str]
    quiet: Mapping[str, str] = field(default_factory=dict)


TICK = "estado_core_tick_timestamp_seconds"
PROBER = "estado_prober_timestamp_seconds"
EXPIRY = 'estado_check_certificate_expiry_timestamp_seconds{check="web"}'
OLDEST = 'estado_subscribers_oldest_timestamp_seconds{{kind="email",attempt="{attempt}"}}'
SIGN = 'estado_subscribers_dispatcher_timestamp_seconds{kind="webhook"}'
STEADY = "0+60x120"
"""A moment that is always the present one, in seconds."""

CASES = (
    Case(alert="EstadoWatchdog", at=1, fires={}),
    Case(alert="EstadoGone", at=10, fires={TICK: "0+60x3 stale"}, quiet={TICK: STEADY}),
    Case(alert="EstadoCoreStuck", at=10, fires={TICK: "0+60x5 300x20"}, quiet={TICK: STEADY}),
    Case(
        alert="EstadoJournalHeld",
        at=10,
        fires={"estado_journal_held_seconds": "0x3 30 90 150x10"},
        quiet={"estado_journal_held_seconds": "0 2 40 0x20"},
    ),
    Case(
        alert="EstadoProberSilent",
        at=10,
        fires={TICK: STEADY, PROBER: "0+60x4 240x20"},
        quiet={TICK: STEADY, PROBER: STEADY},
    ),
    Case(
        alert="EstadoPageOld",
        at=15,
        fires={"estado_page_timestamp_seconds": "0+60x5 300x20"},
        quiet={"estado_page_timestamp_seconds": STEADY},
    ),
    Case(
        alert="EstadoRoleRestarts",
        at=15,
        fires={'estado_process_start_timestamp_seconds{role="core"}': "5 5 5 190 300 420 420x20"},
        quiet={'estado_process_start_timestamp_seconds{role="core"}': "5 5 5 190x20"},
    ),
    Case(
        alert="EstadoBlind",
        at=20,
        fires={"estado_core_blind": "0 0 1x30"},
        quiet={"estado_core_blind": "0 0 1x7 0x30"},
    ),
    Case(
        alert="EstadoProberStalls",
        at=10,
        fires={"estado_prober_stalls_total": "0+1x30"},
        quiet={"estado_prober_stalls_total": "0 0 1 1 2 2 3x20"},
    ),
    Case(
        alert="EstadoNoResolver",
        at=20,
        fires={"estado_core_unresolved": "0 0 1x30"},
        quiet={"estado_core_unresolved": "0 0 1x7 0x30"},
    ),
    Case(
        alert="EstadoSlotsMissed",
        at=20,
        fires={"estado_slots_missed_total": "0+20x30", "estado_slots_started_total": "0+1000x30"},
        quiet={"estado_slots_missed_total": "0+5x30", "estado_slots_started_total": "0+1000x30"},
    ),
    Case(
        alert="EstadoLooksLate",
        at=20,
        fires={'estado_slot_lateness_seconds{quantile="0.99"}': "2x30"},
        quiet={
            'estado_slot_lateness_seconds{quantile="0.99"}': "0.2x30",
            'estado_slot_lateness_seconds{quantile="0.5"}': "2x30",
        },
    ),
    Case(
        alert="EstadoTimingsWrong",
        at=20,
        fires={"estado_loop_lag_seconds": "0.8x30"},
        quiet={"estado_loop_lag_seconds": "0.01x5 0.8x5 0.01x30"},
    ),
    Case(
        alert="EstadoClockStepped",
        at=20,
        fires={"estado_wall_steps_total": "0x10 1x20"},
        quiet={"estado_wall_steps_total": "1x30"},
    ),
    Case(
        alert="EstadoClockDoubted",
        at=20,
        fires={"estado_clock_doubted_seconds": "0x10 3456000x20"},
        quiet={"estado_clock_doubted_seconds": "0x30"},
    ),
    Case(
        alert="EstadoLogBehind",
        at=20,
        fires={"estado_log_depth": "0+200x30"},
        quiet={"estado_log_depth": "6000-200x30"},
    ),
    Case(
        alert="EstadoLateRefused",
        at=30,
        fires={"estado_late_refused": "2x20 3x40"},
        quiet={"estado_late_refused": "2x60"},
    ),
    Case(
        alert="EstadoDiskFilling",
        at=60,
        fires={"estado_data_free_bytes": "5x90", "estado_data_size_bytes": "100x90"},
        quiet={"estado_data_free_bytes": "40x90", "estado_data_size_bytes": "100x90"},
    ),
    Case(
        alert="EstadoDiskFilling",
        at=60,
        fires={"estado_data_free_bytes": "60-0.1x90", "estado_data_size_bytes": "100x90"},
        quiet={"estado_data_free_bytes": "60-0.01x90", "estado_data_size_bytes": "100x90"},
    ),
    Case(
        alert="EstadoResultsUnwritten",
        at=10,
        fires={"estado_results_unwritten": "8000x20"},
        quiet={"estado_results_unwritten": "300x20"},
    ),
    Case(
        alert="EstadoResultsLost",
        at=10,
        fires={"estado_results_lost_total": "0x5 40x20"},
        quiet={"estado_results_lost_total": "40x20"},
    ),
    Case(
        alert="EstadoNobodyTold",
        at=10,
        fires={"estado_notifications_unheard": "0 0 1x30"},
        quiet={"estado_notifications_unheard": "0 0 1 0 1 0 0x30"},
    ),
    Case(
        alert="EstadoMessagesGivenUp",
        at=30,
        fires={"estado_notifications_given_up": "2x20 3x40"},
        quiet={"estado_notifications_given_up": "2x60"},
    ),
    Case(
        alert="EstadoMessagesStuck",
        at=50,
        fires={"estado_notifications_owed": "2x60", "estado_notifications_sent": "7x60"},
        quiet={"estado_notifications_owed": "2x60", "estado_notifications_sent": "7x40 8x20"},
    ),
    Case(
        alert="EstadoMessagesStuck",
        at=50,
        fires={"estado_notifications_owed": "2x60", "estado_notifications_sent": "7x60"},
        quiet={"estado_notifications_owed": "_x30 2x30", "estado_notifications_sent": "_x30 7x30"},
    ),
    Case(
        alert="EstadoStoreSilent",
        at=15,
        fires={"estado_store_timestamp_seconds": "0+60x5 300x20"},
        quiet={TICK: STEADY, "estado_store_timestamp_seconds": STEADY},
    ),
    Case(
        alert="EstadoStoreSilent",
        at=15,
        fires={TICK: STEADY},
        quiet={TICK: STEADY, "estado_store_timestamp_seconds": STEADY},
    ),
    Case(
        alert="EstadoStoreLagging",
        at=20,
        fires={"estado_store_lag_seconds": "400x30"},
        quiet={"estado_store_lag_seconds": "20x30"},
    ),
    Case(
        alert="EstadoStorePaused",
        at=20,
        fires={"estado_store_paused": "1x30"},
        quiet={"estado_store_paused": "0x5 1x4 0x30"},
    ),
    Case(
        alert="EstadoStoreDeadLetters",
        at=30,
        fires={"estado_store_dead_letters": "1x20 3x40"},
        quiet={"estado_store_dead_letters": "3x60"},
    ),
    Case(
        alert="EstadoStoreMissedResults",
        at=30,
        fires={"estado_store_missed_rows_total": "0x20 500x40"},
        quiet={"estado_store_missed_rows_total": "500x60"},
    ),
    Case(
        alert="EstadoMirrorOld",
        at=150,
        fires={'estado_mirror_timestamp_seconds{mirror="cloud"}': "0x160"},
        quiet={'estado_mirror_timestamp_seconds{mirror="cloud"}': "0+60x160"},
    ),
    Case(
        alert="EstadoPrivatePagesClosed",
        at=30,
        fires={"estado_private_pages_closed": "0x10 1x50"},
        quiet={"estado_private_pages_closed": "0x60"},
    ),
    Case(
        alert="EstadoSubscribersWaiting",
        at=40,
        fires={OLDEST.format(attempt="first"): "0x60"},
        quiet={
            OLDEST.format(attempt="first"): STEADY,
            # One mailbox that is full for a day is nobody's alert.
            OLDEST.format(attempt="again"): "0x60",
            'estado_subscribers_queued{kind="email",attempt="again"}': "1x60",
            'estado_subscribers{kind="email",state="confirmed"}': "5000x60",
        },
    ),
    Case(
        alert="EstadoSubscribersRefused",
        at=40,
        fires={
            OLDEST.format(attempt="again"): "0x60",
            'estado_subscribers_queued{kind="email",attempt="again"}': "4000x60",
            'estado_subscribers{kind="email",state="confirmed"}': "5000x60",
        },
        quiet={
            OLDEST.format(attempt="again"): "0x60",
            'estado_subscribers_queued{kind="email",attempt="again"}': "30x60",
            'estado_subscribers{kind="email",state="confirmed"}': "5000x60",
        },
    ),
    Case(
        alert="EstadoSubscribersSilent",
        at=20,
        fires={SIGN: "0+60x5 300x30"},
        quiet={SIGN: STEADY},
    ),
    Case(
        alert="EstadoCreditUnanswered",
        at=150,
        fires={"estado_credits_unanswered": "0x10 1x160"},
        quiet={"estado_credits_unanswered": "0x10 1x60 0x100"},
    ),
    Case(
        alert="EstadoCreditsPaused",
        at=30 * 60,
        fires={"estado_credits_paused_timestamp_seconds": "600x2000"},
        quiet={"estado_credits_paused_timestamp_seconds": "102000x2000"},
    ),
    Case(
        alert="EstadoForecastOld",
        at=90,
        fires={"estado_forecast_timestamp_seconds": "0+60x5 300x100"},
        quiet={"estado_forecast_timestamp_seconds": "0+60x100"},
    ),
    Case(
        alert="EstadoCertificateExpires",
        at=90,
        fires={EXPIRY: f"{10 * DAY}x120"},
        quiet={EXPIRY: f"{20 * DAY}x120"},
    ),
    Case(
        alert="EstadoCertificateExpiresNow",
        at=90,
        fires={EXPIRY: f"{2 * DAY}x120"},
        quiet={EXPIRY: f"{10 * DAY}x120"},
    ),
)


def firing(case: Case, series: Mapping[str, str], folder: Path) -> set[str]:
    """The alerts that fire at the case's minute over these series."""
    promtool = require_server("promtool", "the alert rules against Prometheus' own evaluation")
    wanted = {"labels": "{}", "value": 1}
    asked = f'count(ALERTS{{alertname="{case.alert}",alertstate="firing"}})'
    given = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "promql_expr_test": [
                    {"expr": asked, "eval_time": f"{case.at}m", "exp_samples": [wanted]}
                ],
            }
        ],
    }  # fmt: skip
    file = folder / "case.yml"
    file.write_text(yaml.safe_dump(given), "utf-8")
    command = [str(promtool), "test", "rules", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "SUCCESS" in done.stdout:
        return {case.alert}
    assert "got: nil" in done.stdout + done.stderr, done.stdout + done.stderr
    return set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_it_fires(case: Case, tmp_path: Path) -> None:
    assert firing(case, case.fires, tmp_path) == {case.alert}


@pytest.mark.parametrize("case", [c for c in CASES if c.quiet], ids=lambda case: case.alert)
def test_it_keeps_quiet(case: Case, tmp_path: Path) -> None:
    assert firing(case, case.quiet, tmp_path) == set()


def test_it_tries_every_rule_both_ways() -> None:
    names = [rule["alert"] for rule in alert_rules()]
    assert sorted(set(names)) == sorted(names)
    assert {case.alert for case in CASES} == set(names)
    assert {case.alert for case in CASES if not case.quiet} == {"EstadoWatchdog"}


@pytest.mark.parametrize("rule", alert_rules(), ids=lambda rule: str(rule["alert"]))
def test_it_says_what_it_means_and_what_to_do(rule: Mapping[str, Mapping[str, str]]) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning", "none"}
    assert len(rule["annotations"]["summary"]) < 90
    assert len(rule["annotations"]["description"]) > 80


def test_it_asks_only_for_metrics_that_there_are() -> None:
    asked = {name for rule in alert_rules() for name in re.findall(r"estado_\w+", rule["expr"])}
    assert len(asked) > 15
    assert asked <= DOCUMENTED.keys()


@pytest.mark.parametrize(
    "arguments", [("rules", "rules.yml"), ("config", "prometheus.yml")], ids=" ".join
)
def test_it_passes_promtool(arguments: tuple[str, str]) -> None:
    promtool = require_server("promtool", "the alert rules against Prometheus' own checker")
    what, name = arguments
    command = [str(promtool), "check", what, str(DEPLOY / "prometheus" / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
