"""Line protocol: to the byte what the library's own `Point` writes, for whatever is in a result."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from math import inf, isfinite, nan

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from influxdb_client.client.write.point import Point
from influxdb_client.domain.write_precision import WritePrecision

from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    FailureId,
    LocationId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.time.interval import Second
from monitor.results.rollups.latency import LatencyBucket, Width
from monitor.results.rollups.sketch import Sketch
from monitor.results.stores.influx.lines import (
    bucket_line,
    bucket_payloads,
    result_line,
    results_payloads,
)
from tests.results.samples import T0, a_result

WORDS = st.text() | st.sampled_from(
    [
        'say "no"',
        "a\\",
        "\\\\",
        'x\\"',
        "a=b,c d",
        "dos\nlíneas",
        "\r\t\n",
        "ñandú ✔ 🚀",
        "#",
        "\x00",
    ]
)
FLOATS = st.floats() | st.sampled_from(
    [0.0, -0.0, 1.0, 1e16, 1e22, 5e-324, 1.7e308, nan, inf, -inf]
)
NUMBERS = FLOATS | st.integers(-(2**63), 2**63 - 1)
JSON = st.recursive(st.none() | st.booleans() | st.integers() | WORDS, st.lists, max_leaves=8)
FIELDS = {Outcome.UP: 1, Outcome.DEGRADED: 1, Outcome.DOWN: 0}

ROWS = st.builds(
    LoggedResult,
    seq=st.integers(0, 2**63 - 1),
    result=st.builds(
        Result,
        check=WORDS.map(CheckId),
        location=WORDS.map(LocationId),
        slot=st.integers(0, 2**40).map(Second),
        revision=st.integers(0, 2**63 - 1),
        outcome=st.sampled_from(Outcome),
        failure=st.none() | WORDS.map(FailureId),
        message=WORDS,
        phases_ms=st.dictionaries(WORDS, NUMBERS, max_size=6),
        evidence=st.dictionaries(WORDS, JSON, max_size=4),
        era=st.integers(0, 2**31),
    ),
)


def point_of(row: LoggedResult) -> str:
    """The same with the library, from what the documentation says of each field."""
    result = row.result
    finite = {f"phase_{n}_ms": float(v) for n, v in result.phases_ms.items() if isfinite(v)}
    # Added as they are, and made a float once: whole numbers above 2**53 would be rounded each.
    known = [v for v in result.phases_ms.values() if isfinite(v)]
    parts = [
        *(["evidence"] if result.evidence else []),
        *(["failure"] if result.failure is not None else []),
        *(["message"] if result.message else []),
        *finite,
    ]
    fields = {
        "era": result.era,
        "outcome": result.outcome.value,
        "ok": FIELDS.get(result.outcome),
        "failure": result.failure,
        "message": result.message or None,
        "revision": result.revision,
        "seq": row.seq,
        "total_ms": float(round(sum(known), 3)) if result.phases_ms else None,
        "evidence": json.dumps(result.evidence, separators=(",", ":")) if result.evidence else None,
        "parts": ",".join(parts),
        **finite,
    }
    point = Point("result").tag("check", result.check).tag("location", result.location)
    for name, value in fields.items():
        point.field(name, value)
    return str(point.time(result.slot, WritePrecision.S).to_line_protocol())


@given(ROWS)
@example(LoggedResult(seq=1, result=a_result(evidence={"a": {"b": ['"', "\\", "\n", None]}})))
@example(LoggedResult(seq=1, result=replace(a_result(), phases_ms={"a": 2**62, "b": 469, "c": 44})))
def test_it_writes_a_result_as_the_librarys_point_does(row: LoggedResult) -> None:
    assert result_line(row) == point_of(row)


@given(WORDS, st.lists(st.integers(1, 10**12), min_size=1, max_size=50))
@example("web", [1_000_000, 1_000_000])
def test_it_writes_a_window_as_the_librarys_point_does(check: str, durations: list[int]) -> None:
    window = a_window(durations, check)
    sketch = window.sketch
    point = Point("latency").tag("check", check).tag("location", LOCAL)
    for name, share in (("p50_ms", 0.5), ("p95_ms", 0.95), ("p99_ms", 0.99)):
        point.field(name, sketch.quantile_us(share) / 1000)
    point.field("looks", len(durations)).field("mean_ms", sum(durations) / len(durations) / 1000)
    point.field("min_ms", min(durations) / 1000).field("max_ms", max(durations) / 1000)
    point.field("sketch", b64encode(sketch.encode()).decode()).time(T0, WritePrecision.S)
    assert bucket_line(window) == point.to_line_protocol()


def test_it_gives_a_field_one_type_whatever_its_value() -> None:
    """A whole number of milliseconds, and an int, are floats all the same."""
    assert bucket_line(a_window([1_000_000])) == (
        "latency,check=web,location=local looks=1i,max_ms=1000,mean_ms=1000,min_ms=1000,"
        f'p50_ms=1000,p95_ms=1000,p99_ms=1000,sketch="{encoded([1_000_000])}" 1790812800'
    )
    whole = replace(a_result(), phases_ms={"tls": 2, "dns": 1.0})
    assert result_line(LoggedResult(seq=7, result=whole)) == (
        'result,check=web,location=local era=0i,ok=1i,outcome="up",'
        'parts="phase_tls_ms,phase_dns_ms",'
        "phase_dns_ms=1,phase_tls_ms=2,revision=1i,seq=7i,total_ms=3 1790812800"
    )


@pytest.mark.parametrize(
    ("outcome", "ok"),
    [(Outcome.UP, "ok=1i,"), (Outcome.DEGRADED, "ok=1i,"), (Outcome.DOWN, "ok=0i,")],
)
def test_it_says_whether_the_target_answered(outcome: Outcome, ok: str) -> None:
    assert ok in result_line(LoggedResult(seq=1, result=a_result(outcome=outcome)))


def test_it_says_nothing_of_the_target_where_the_look_itself_failed() -> None:
    assert "ok=" not in result_line(LoggedResult(seq=1, result=a_result(outcome=Outcome.UNKNOWN)))


def test_it_puts_each_on_a_line_of_its_own() -> None:
    rows = [LoggedResult(seq=s, result=a_result(s, message="una\nlínea")) for s in (1, 2)]
    assert list(results_payloads(rows)) == ["\n".join(map(result_line, rows)).encode()]
    windows = [a_window([1]), a_window([2], "mail")]
    assert list(bucket_payloads(windows)) == ["\n".join(map(bucket_line, windows)).encode()]


def test_it_makes_no_request_that_takes_a_server_long() -> None:
    large = LoggedResult(seq=1, result=a_result(evidence={"body": "x" * 8_000}))
    parts = list(results_payloads([large] * 600))
    assert len(parts) == 3
    assert max(map(len, parts)) <= 2 * 1024 * 1024
    assert b"\n".join(parts) == "\n".join([result_line(large)] * 600).encode()
    assert list(results_payloads([])) == []


def test_it_writes_what_has_no_utf_8_as_a_question_mark() -> None:
    row = LoggedResult(seq=1, result=a_result(message="half a \ud83d face"))
    assert b'message="half a ? face"' in next(results_payloads([row]))


def a_window(durations_us: list[int], check: str = "web") -> LatencyBucket:
    return LatencyBucket(
        check=CheckId(check),
        location=LOCAL,
        width=Width.HOUR,
        start=T0,
        sketch=Sketch.of(durations_us),
    )


def encoded(durations_us: list[int]) -> str:
    return b64encode(Sketch.of(durations_us).encode()).decode()
