"""`/metrics` and `/readyz`, asked as Prometheus asks them."""

from __future__ import annotations

import asyncio
import json
import subprocess
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from monitor.domain.checks.fold import FoldState
from monitor.domain.checks.observation import LOCAL, CheckId, LoggedResult, Outcome
from monitor.domain.closing_progress import closing_progress
from monitor.domain.role_fault import CoreFaultCode, core_faults
from monitor.domain.time.age import ClockReading
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.metrics.core_metrics import CoreMetrics
from monitor.metrics.http.server import make_ops_app
from monitor.state.last_runs import LastRuns
from tests.support.clock import FakeClock
from tests.support.core_figures import PHASES, full_figures, gathered
from tests.support.require import require_server
from tests.support.worlds import WEB, catalogue, check, look

CLOCK = FakeClock()
NOW = CLOCK.now()
UNTIL = 4_070_908_800
"""2099-01-01, when the looks' certificate expires."""


def told(
    figures: CoreMetrics | None, path: str = "/metrics", host: str = "localhost:9090"
) -> tuple[int, str]:
    async def ask() -> tuple[int, str]:
        app = make_ops_app(gathered(lambda: figures), CLOCK, PHASES, {"ops.acme.example"})
        async with TestClient(TestServer(app)) as client:
            answer = await client.get(path, headers={"Host": host})
            return answer.status, await answer.text()

    return asyncio.run(ask())


def samples(figures: CoreMetrics) -> list[Sample]:
    _, text = told(figures)
    return [s for family in text_string_to_metric_families(text) for s in family.samples]


def value(figures: CoreMetrics, name: str, **labels: str) -> float | None:
    """The one sample of that name with all these labels, None where there is none."""
    found = [
        s.value for s in samples(figures) if s.name == name and labels.items() <= s.labels.items()
    ]
    assert len(found) < 2, f"{name}{labels} is told twice"
    return found[0] if found else None


@pytest.mark.parametrize(
    ("name", "labels", "wanted"),
    [
        ("estado_check_status", {"check": "web-check", "location": "local"}, 1),
        ("estado_check_status", {"check": "mail-check"}, 0.5),
        ("estado_check_status", {"check": "dns-check"}, 0),
        ("estado_check_slot_timestamp_seconds", {"check": "web-check"}, NOW - 10),
        ("estado_check_look_seconds", {"check": "web-check"}, 0.04275),
        ("estado_check_phase_seconds", {"check": "web-check", "phase": "connect"}, 0.01225),
        ("estado_check_certificate_expiry_timestamp_seconds", {"check": "web-check"}, UNTIL),
        ("estado_check_failing", {"check": "dns-check", "failure": "conn_refused"}, 1),
        ("estado_check_failing", {"check": "web-check"}, None),
        ("estado_check_info", {"check": "mail-check", "component": "mail", "service": "mail"}, 1),
        ("estado_check_info", {"check": "web-check", "service": "hosting", "probe": "tcp"}, 1),
        ("estado_slot_lateness_seconds", {"quantile": "0.99"}, 0.02),
        ("estado_slots_missed_total", {}, 3),
        ("estado_results_lost_total", {}, 4),
        ("estado_process_cpu_seconds_total", {"role": "core"}, 8.5),
        ("estado_process_resident_bytes", {"role": "prober"}, 50_000_000),
        ("estado_process_start_timestamp_seconds", {"role": "core"}, NOW - 900),
        ("estado_process_start_timestamp_seconds", {"role": "store"}, NOW - 900),
        ("estado_subscribers", {"kind": "email", "state": "confirmed"}, 5_000),
        ("estado_subscribers_queued", {"kind": "email", "attempt": "first"}, 40),
        ("estado_subscribers_queued", {"kind": "webhook", "attempt": "again"}, 2),
        (
            "estado_subscribers_oldest_timestamp_seconds",
            {"kind": "webhook", "attempt": "again"},
            NOW - 4_000,
        ),
        (
            "estado_subscribers_oldest_timestamp_seconds",
            {"kind": "webhook", "attempt": "first"},
            None,
        ),
        ("estado_subscribers_dispatcher_timestamp_seconds", {"kind": "webhook"}, NOW),
        ("estado_subscribers_sent_total", {"kind": "email"}, 90_000),
        ("estado_subscribers_failed_total", {"kind": "email"}, 6),
        ("estado_log_depth", {}, 7),
        ("estado_credits_unanswered", {}, 2),
        ("estado_credits_paused_timestamp_seconds", {}, NOW - 90_000),
        ("estado_closing_contracts", {}, 100_000),
        ("estado_closing_contracts_done", {}, 40_000),
        ("estado_notifications_given_up", {}, 2),
        ("estado_incidents_unresolved", {}, 1),
        ("estado_incident_started_timestamp_seconds", {"incident": "k3f9a2"}, NOW - 600),
        ("estado_component_90d_seconds", {"component": "web", "bucket": "down"}, 0),
        ("estado_data_free_bytes", {}, 40e9),
        ("estado_store_lag_rows", {}, 40),
        ("estado_store_timestamp_seconds", {}, NOW),
        ("estado_store_lag_seconds", {}, 3),
        ("estado_store_windows_lag_rows", {}, 7),
        ("estado_store_dead_letters", {}, 1),
        ("estado_store_paused", {}, 1),
        ("estado_store_last_write_timestamp_seconds", {}, NOW - 2),
    ],
)  # fmt: skip
def test_it_tells(name: str, labels: dict[str, str], wanted: float | None) -> None:
    assert value(full_figures(NOW), name, **labels) == wanted


def test_it_calls_a_check_unknown_that_nobody_has_looked_at_for_long() -> None:
    stale = {
        key: replace(state, last_slot=Second(NOW - 1000), covered_until=Second(NOW - 940))
        for key, state in full_figures(NOW).states.items()
    }
    figures = replace(full_figures(NOW), states=stale)
    assert value(figures, "estado_check_status", check="web-check") == -1


def test_it_calls_a_check_unknown_that_went_silent_though_the_clock_was_set_back() -> None:
    figures = full_figures(NOW)
    (key,) = [key for key in figures.states if key[0] == "web-check"]
    for silent_s, wanted in ((10.0, 1), (1_000.0, -1)):
        silent = replace(figures, silent_s={key: silent_s})
        assert value(silent, "estado_check_status", check="web-check") == wanted


def test_it_says_nothing_of_a_look_that_was_not_had_yet() -> None:
    figures = replace(full_figures(NOW), last_runs={}, states={})
    assert value(figures, "estado_check_status", check="web-check") == -1
    names = {s.name for s in samples(figures)}
    assert "estado_check_look_seconds" not in names
    assert "estado_check_slot_timestamp_seconds" not in names


def test_it_says_nothing_of_a_store_where_there_is_none() -> None:
    told = samples(replace(full_figures(NOW), store=None))
    assert [s.name for s in told if s.name.startswith("estado_store")] == []


def test_it_tells_only_of_checks_that_are_in_force() -> None:
    figures = full_figures(NOW)
    assert figures.catalogue is not None
    without = replace(figures.catalogue, checks=figures.catalogue.checks[:1])
    named = {
        s.labels["check"]
        for s in samples(replace(figures, catalogue=without))
        if "check" in s.labels
    }
    assert named == {"web-check"}


def test_it_makes_labels_of_declared_phases_alone_and_of_no_message() -> None:
    looks = LastRuns()
    said = replace(
        look(WEB, NOW, "-"), message="refused by 203.0.113.9", phases_ms={"connect": 1, "x-17": 2}
    )
    looks.take([LoggedResult(seq=1, result=said)])
    found = samples(replace(full_figures(NOW), last_runs=looks.copy()))
    assert {s.labels["phase"] for s in found if "phase" in s.labels} == {"connect"}
    assert "203.0.113.9" not in repr(found)


def test_it_is_what_prometheus_itself_reads_without_complaint() -> None:
    promtool = require_server("promtool", "the exposition against Prometheus' own linter")
    _, text = told(full_figures(NOW))
    command = [str(promtool), "check", "metrics"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_it_grows_by_a_check_and_its_phases_and_by_nothing_else() -> None:
    few, many = (len(samples(crowd(size))) for size in (10, 110))
    assert many - few == 100 * (5 + len(PHASES["tcp"]) - 1)


def crowd(size: int) -> CoreMetrics:
    """So many checks that work, each looked at ten times under ever other messages."""
    checks = tuple(replace(check(WEB), id=CheckId(f"web-{n}")) for n in range(size))
    looks = LastRuns()
    for turn in range(10):
        looks.take(
            LoggedResult(
                seq=n,
                result=replace(
                    look(WEB, Second(NOW - 10 + turn), "+"),
                    check=one.id,
                    message=f"said {turn}",
                    phases_ms={"resolve": 1.0, "connect": turn, "tls": n, f"odd-{turn}": 1.0},
                    evidence={"tls": {"not_after": "2099-01-01T00:00:00+00:00"}, "turn": turn},
                ),
            )
            for n, one in enumerate(checks)
        )
    state = FoldState(status=Outcome.UP, last_slot=NOW, covered_until=NOW, is_confirmed=True)
    return replace(
        full_figures(NOW),
        catalogue=replace(catalogue(), checks=checks),
        states={(one.id, LOCAL): state for one in checks},
        last_runs=looks.copy(),
    )


def test_it_is_ready_until_a_role_goes_quiet() -> None:
    figures = replace(full_figures(NOW), store=None)
    assert told(figures, "/readyz")[0] == 200
    status, text = told(replace(figures, ticked_at=ClockReading(at=Second(NOW - 60))), "/readyz")
    assert (status, "the last tick was 60 s ago" in text) == (503, True)


def test_it_is_alive_while_it_ticks_whatever_the_others_do() -> None:
    alone = replace(full_figures(NOW), prober=None, rendered_at=None)
    assert told(alone, "/livez")[0] == 200
    assert told(alone, "/readyz")[0] == 503
    assert told(replace(alone, ticked_at=ClockReading(at=Second(NOW - 60))), "/livez")[0] == 503


@pytest.mark.parametrize("step", [-3_600, -40 * 86_400])
def test_a_clock_set_back_hides_no_role_that_went_quiet(step: int) -> None:
    began = read_clock(clock := FakeClock())
    figures = full_figures(began.at)
    assert figures.prober is not None
    prober = replace(figures.prober, boottime=began.boottime, boot_id=began.boot_id)
    figures = replace(figures, store=None, ticked_at=began, rendered_at=began, prober=prober)
    assert figures.subscribers is not None
    signs = dict.fromkeys(figures.subscribers.signs, began)
    figures = replace(figures, subscribers=replace(figures.subscribers, signs=signs))
    clock.step(step)
    assert figures.faults(read_clock(clock)) == []
    clock.advance(151)
    assert list(map(str, figures.standstill(read_clock(clock)))) == ["the last tick was 151 s ago"]
    assert len(figures.faults(read_clock(clock))) == 4


def test_looks_that_do_not_count_are_no_health() -> None:
    """Nothing else said so: the prober wrote its figures, and the core ticked."""
    stepped = replace(full_figures(NOW), store=None, absurd_s=30.0)
    assert told(stepped, "/readyz")[0] == 200
    status, text = told(replace(stepped, absurd_s=75.0), "/readyz")
    assert (status, "no look has counted for 75 s" in text) == (503, True)


def test_a_dispatcher_of_subscribers_that_went_quiet_is_no_health() -> None:
    well = replace(full_figures(NOW), store=None)
    assert well.subscribers is not None
    for sign in (None, ClockReading(at=Second(NOW - 40))):
        signs = {**well.subscribers.signs, "webhook": sign}
        silent = replace(well, subscribers=replace(well.subscribers, signs=signs))
        status, text = told(silent, "/readyz")
        assert (status, "subscribers are told nothing by webhook" in text) == (503, True)
        held = replace(silent, held="by process 7", held_s=90.0)
        assert "webhook" not in told(held, "/readyz")[1], "nothing newer is known of it"


def test_private_pages_that_no_link_opens_are_no_health() -> None:
    figures, clock = replace(full_figures(NOW), store=None), FakeClock(NOW)
    without = replace(figures, private_pages_closed=None)
    assert value(without, "estado_private_pages_closed") is None
    for why, faults in (("", []), ("chmod 600", ["no link opens a private page: chmod 600"])):
        found = replace(figures, private_pages_closed=why)
        assert list(map(str, found.faults(read_clock(clock)))) == faults
        assert value(found, "estado_private_pages_closed") == len(faults)


def test_nobody_being_told_of_anything_is_no_health() -> None:
    deaf = replace(full_figures(NOW), store=None, undelivered_since=Second(NOW - 90))
    for path in ("/readyz", "/healthz"):
        status, text = told(deaf, path)
        assert status == 503
        assert "no alert has reached anybody for 90 s: every route fails" in text
    assert told(deaf, "/livez")[0] == 200, "to start it anew would help nobody"
    assert value(deaf, "estado_notifications_unheard") == 1
    assert value(full_figures(NOW), "estado_notifications_unheard") == 0


@pytest.mark.parametrize(("stalls", "status"), [(3, 200), (4, 503)])
def test_a_prober_that_stands_still_again_and_again_is_not_ready(stalls: int, status: int) -> None:
    figures = full_figures(NOW)
    assert figures.prober is not None
    prober = replace(figures.prober, extra={"recent_stalls": stalls, "stalls": 9.0})
    figures = replace(figures, store=None, prober=prober)
    found = told(figures, "/readyz")
    assert found[0] == status
    assert ("stood still 4 times within five minutes" in found[1]) == (status == 503)
    assert value(figures, "estado_prober_stalls_total") == 9


def test_it_names_the_check_whose_looks_make_the_prober_stand_still() -> None:
    figures = full_figures(NOW)
    assert figures.prober is not None
    prober = replace(figures.prober, extra={"recent_stalls": 4, "stalled_by:live-hls": 1.0})
    _, text = told(replace(figures, store=None, prober=prober), "/readyz")
    assert "stood still 4 times within five minutes, above all in looks of live-hls" in text


def test_it_answers_before_the_first_tick() -> None:
    assert told(None) == (200, "")
    assert told(None, "/readyz")[0] == told(None, "/livez")[0] == 503


@pytest.mark.parametrize("path", ["/metrics", "/readyz", "/livez", "/healthz"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:9090", "evil.example."])
def test_a_page_of_somebody_elses_cannot_read_it_under_its_own_name(path: str, host: str) -> None:
    status, text = told(full_figures(NOW), path, host)
    assert status == 421
    assert "operations.listen" in text
    assert "web-check" not in text


@pytest.mark.parametrize("host", ["127.0.0.1:9090", "[::1]:9090", "core:9090", "ops.acme.example"])
def test_it_answers_to_addresses_local_names_and_its_own(host: str) -> None:
    assert told(full_figures(NOW), host=host)[0] == 200


def test_what_speaks_against_it_has_codes_for_who_says_it_in_another_language() -> None:
    status, text = told(replace(full_figures(NOW), ticked_at=ClockReading(at=Second(NOW - 60))),
                        "/readyz")  # fmt: skip
    answer = json.loads(text)
    assert status == 503
    assert [one["words"] for one in answer["faults"]] == answer["troubles"]
    assert [str(fault) for fault in core_faults(answer)] == answer["troubles"]
    assert answer["faults"][0]["code"] == CoreFaultCode.STANDS_STILL
    assert json.loads(told(None, "/readyz")[1])["faults"][0]["code"] == CoreFaultCode.NOT_YET


def test_a_core_of_another_version_is_heard_all_the_same() -> None:
    """Its sentences as they are: of one before, which has no codes, and of one to come."""
    before = {"ready": False, "troubles": ["it is ill"]}
    to_come = {"faults": [{"code": "of_tomorrow", "words": "it is ill", "degree": 3}]}
    for answer in (before, to_come):
        assert list(map(str, core_faults(answer))) == ["it is ill"]


@pytest.mark.parametrize("path", ["/readyz", "/livez", "/healthz"])
def test_each_answer_says_how_far_the_month_is_that_is_being_closed(path: str) -> None:
    figures = full_figures(NOW)
    said = json.loads(told(figures, path)[1])
    assert closing_progress(said) == figures.closing
    assert said["closing"] == {"month": "2026-10", "contracts": 40_000, "of": 100_000}
    idle = json.loads(told(replace(figures, closing=None), path)[1])
    assert closing_progress(idle) is None
    assert closing_progress({"troubles": []}) is None


def test_nothing_is_said_of_a_brake_that_is_off_and_of_a_month_that_nobody_closes() -> None:
    figures = replace(full_figures(NOW), applying_paused_at=None, closing=None)
    names = {s.name for s in samples(figures)}
    assert not [n for n in names if n.startswith(("estado_credits_paused", "estado_closing"))]
