"""Results and eras as rows of the log and back. Whatever a probe returns, there is a row for it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from math import isfinite
from typing import TypeAlias

from monitor.domain.checks.observation import (
    CheckId,
    FailureId,
    Json,
    LocationId,
    LoggedResult,
    Outcome,
    Result,
)
from monitor.domain.time.eras import Era, EraSpan, Origin
from monitor.domain.time.interval import Second
from monitor.domain.untrusted_text import visible

COLUMNS = (
    "seq, location, check_id, slot, revision, outcome, failure, message, phases, evidence,"
    " era, absurd"
)
FIRST_FORM_COLUMNS = COLUMNS.replace("era, absurd", "0, 0")
"""For a log that a prober of the version before made: it has no eras."""
OUTCOMES = {str(outcome): outcome for outcome in Outcome}
"""By their stored names: `Outcome` itself takes two calls for each row."""
MESSAGE_LIMIT = 500
EVIDENCE_LIMIT = 8192

Row: TypeAlias = tuple[
    int, str, str, int, int, str, str | None, str, str | None, str | None, int, int
]

# One encoder for all rows: json.dumps makes a new one at every call with these settings. It writes
# ASCII alone, for a lone surrogate has no UTF-8; what is no JSON is written as its repr.
_encode = json.JSONEncoder(separators=(",", ":"), default=repr).encode
# What was written here has no white space around it, which json.loads looks for at both ends.
_decode = json.JSONDecoder().raw_decode
_ESCAPED = re.compile(r"\\\\|\\u00(0[0-8b-f]|1[0-9a-f]|7f|[89][0-9a-f])|\\[bfr]")
"""As the encoder writes them: every control character but tab and newline, and the backslash."""
_SHORT = {"\\b": "08", "\\f": "0c", "\\r": "0d"}


def row_of(seq: int, result: Result, *, is_absurd: bool = False) -> Row:
    return (
        seq,
        result.location,
        result.check,
        result.slot,
        result.revision,
        result.outcome.value,
        result.failure,
        _storable(result.message[:MESSAGE_LIMIT]),
        _phases(result.phases_ms),
        _evidence(result.evidence),
        result.era,
        is_absurd,
    )


def result_of(row: Row) -> LoggedResult:
    """The logged result; what was cut to fit its row stays cut."""
    seq, location, check, slot, revision, outcome, failure, message, phases, evidence = row[:10]
    era, is_absurd = row[10:]
    result = Result(
        check=CheckId(check),
        location=LocationId(location),
        slot=Second(slot),
        revision=revision,
        outcome=OUTCOMES[outcome],
        failure=None if failure is None else FailureId(failure),
        message=message,
        phases_ms={} if phases is None else _decode(phases)[0],
        evidence={} if evidence is None else _decode(evidence)[0],
        era=era,
    )
    return LoggedResult(seq=seq, result=result, is_absurd=bool(is_absurd))


def _storable(text: str) -> str:
    """Text without lone surrogates, which have no UTF-8, and without control characters that a
    reader's terminal would act on."""
    if text.isascii() and text.isprintable():
        return text
    return visible(text.encode("utf-8", "replace").decode())[:MESSAGE_LIMIT]


def _phases(phases_ms: Mapping[str, float]) -> str | None:
    """Rounded to microseconds, as fine as the clock; what is not finite is no JSON either."""
    fields = [f"{_name(name)}:{round(ms, 3)!r}" for name, ms in phases_ms.items() if isfinite(ms)]
    return f"{{{','.join(fields)}}}" if fields else None


@lru_cache(maxsize=256)
def _name(phase: str) -> str:
    return _encode(phase)


def _evidence(evidence: Mapping[str, Json]) -> str | None:
    if not evidence:
        return None
    try:
        text = _encode(evidence)
    except (TypeError, ValueError, RecursionError) as error:
        return _encode({"unwritable": type(error).__name__})
    if len(text) > EVIDENCE_LIMIT:
        return _encode({"dropped_bytes": len(text)})
    return _ESCAPED.sub(_written_out, text) if "\\" in text else text


def _written_out(escape: re.Match[str]) -> str:
    """An escaped control character of a JSON text as the text `\\xNN`; a backslash stays."""
    code = escape[1] or _SHORT.get(escape[0], "")
    return f"\\\\x{code}" if code else escape[0]


def era_row(era: Era) -> str:
    return json.dumps({**asdict(era), "lineage": [tuple(asdict(s).values()) for s in era.lineage]})


def read_era(text: str) -> Era:
    fields = json.loads(text)
    fields["origin"] = Origin(fields["origin"])
    fields["lineage"] = tuple(_span_of(*span) for span in fields["lineage"])
    return Era(**fields)


def _span_of(
    era: int, since: Second, until: Second, after_step: bool, breaks_runs: bool | None = None
) -> EraSpan:
    """An earlier version stored only steps that end runs."""
    is_broken = after_step if breaks_runs is None else breaks_runs
    return EraSpan(era, since, until, after_step=after_step, breaks_runs=is_broken)
