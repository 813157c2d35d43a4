"""Results and latency buckets as InfluxDB's line protocol: byte for byte what `Point` of
influxdb_client writes, without a `Point` for each.

A field has one type for ever, or the server refuses the line: floats are written without a suffix
(`1` is 1.0), integers with `i`, text in quotes.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from math import isfinite

from monitor.domain.checks.observation import LoggedResult, Outcome
from monitor.results.rollups.latency import LatencyBucket

RESULT = "result"
LATENCY = "latency"
MOST_LINES = 5_000
MOST_CHARACTERS = 2 * 1024 * 1024
"""In one request: results with large evidence must not take longer than its timeout."""
QUANTILES = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}

_OK = {
    Outcome.UP: "ok=1i,",
    Outcome.DEGRADED: "ok=1i,",
    Outcome.DOWN: "ok=0i,",
    Outcome.UNKNOWN: "",
}
_KEY = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ ", "\n": r"\n", "\t": r"\t", "\r": r"\r"})
# One encoder for all, as in the log: json.dumps makes a new one at every call with these settings.
_encode = json.JSONEncoder(separators=(",", ":"), default=repr).encode


def phase_field(name: str) -> str:
    return f"phase_{name}_ms"


def results_payloads(rows: Iterable[LoggedResult]) -> Iterator[bytes]:
    """One line a result, times in seconds; each part is small enough for one request."""
    return _payloads(map(result_line, rows))


def bucket_payloads(buckets: Iterable[LatencyBucket]) -> Iterator[bytes]:
    """One line a latency bucket, times in seconds; its InfluxDB bucket gives its width."""
    return _payloads(map(bucket_line, buckets))


def result_line(row: LoggedResult) -> str:
    """Fields by name, as `Point` sorts them.

    A second write of the same second leaves the fields that only the first one had: `parts` names
    those that belong to the result as it was written last, the phases in their order. Every
    field that is never named there is in every line.
    """
    result = row.result
    evidence = message = failure = phases = total = ""
    parts = []
    if result.evidence:
        evidence = f'evidence="{_text(_encode(result.evidence))}",'
        parts.append("evidence")
    if result.failure is not None:
        failure = f'failure="{_text(result.failure)}",'
        parts.append("failure")
    if result.message:
        message = f'message="{_text(result.message)}",'
        parts.append("message")
    if result.phases_ms:
        phases, names, total = _phases(result.phases_ms)
        parts += names
    return (
        f"{_prefix(RESULT, result.check, result.location)}era={result.era}i,"
        f"{evidence}{failure}{message}"
        f'{_OK[result.outcome]}outcome="{result.outcome.value}",parts="{",".join(parts)}",'
        f"{phases}revision={result.revision}i,seq={row.seq}i{total} {result.slot}"
    )


def bucket_line(bucket: LatencyBucket) -> str:
    sketch = bucket.sketch
    values = {
        "max_ms": sketch.most_us / 1000,
        "mean_ms": sketch.mean_us / 1000,
        "min_ms": sketch.least_us / 1000,
        **{name: sketch.quantile_us(share) / 1000 for name, share in QUANTILES.items()},
    }
    floats = ",".join(f"{name}={_float(value)}" for name, value in values.items())
    return (
        f"{_prefix(LATENCY, bucket.check, bucket.location)}looks={sketch.runs}i,{floats},"
        f'sketch="{b64encode(sketch.encode()).decode()}" {bucket.start}'
    )


def _phases(phases_ms: Mapping[str, float]) -> tuple[str, Sequence[str], str]:
    """The fields of phases, what `parts` says of them, and the field of their sum.

    What is no finite number has no form in it: such a phase is left out, as `Point` does.
    """
    total = sum(phases_ms.values())
    if not isfinite(total):
        phases_ms = {name: ms for name, ms in phases_ms.items() if isfinite(ms)}
        total = sum(phases_ms.values())
    names, by_field = _phase_keys(tuple(phases_ms))
    fields = "".join([f"{key}={_float(phases_ms[name])}," for name, key in by_field])
    return fields, names, f",total_ms={_float(round(total, 3))}" if isfinite(total) else ""


@lru_cache(maxsize=4096)
def _phase_keys(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The names of their fields as `parts` has them, and (phase, its field as a key) by field."""
    by_field = sorted(names, key=phase_field)
    return (
        tuple(_text(phase_field(name)) for name in names),
        tuple((name, phase_field(name).translate(_KEY)) for name in by_field),
    )


@lru_cache(maxsize=65_536)
def _prefix(measurement: str, check: str, location: str) -> str:
    """Measurement and tags, by name; a tag without a value is left out."""
    tags = {"check": check, "location": location}
    written = "".join(f",{tag}={_tag(value)}" for tag, value in tags.items() if value)
    return f"{measurement}{written} "


def _tag(value: str) -> str:
    """A backslash at the end would escape the next separator."""
    escaped = value.translate(_KEY)
    return f"{escaped} " if escaped.endswith("\\") else escaped


def _text(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _float(value: float) -> str:
    """An int among the phases is a float all the same: one field, one type."""
    return repr(float(value)).removesuffix(".0")


def _payloads(lines: Iterable[str]) -> Iterator[bytes]:
    part: list[str] = []
    size = 0
    for line in lines:
        if part and (len(part) == MOST_LINES or size + len(line) > MOST_CHARACTERS):
            yield _encoded(part)
            part, size = [], 0
        part.append(line)
        size += len(line)
    if part:
        yield _encoded(part)


def _encoded(lines: Iterable[str]) -> bytes:
    """A lone surrogate has no UTF-8; the log has replaced it as well."""
    return "\n".join(lines).encode("utf-8", "replace")
