"""Queries in InfluxQL, which 2.x and 3 both answer under `/query`; Flux ends with 2.x."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.domain.time.interval import Interval, Second
from monitor.net.http_errors import shown
from monitor.results.log.ports import FoldKey
from monitor.results.stores.influx.server import Answer
from monitor.results.stores.ports import StoreMisconfigured, StoreUnavailable

Row = Mapping[str, Any]
_LONGEST = 200
# Seconds whose nanoseconds have 64 bits.
_EARLIEST, _LATEST = -9_223_372_036, 9_223_372_036


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """The rows that one check and location have in a bucket."""

    bucket: str
    measurement: str
    columns: str
    key: FoldKey
    newest_first: bool = False

    def of(self, span: Interval, limit: int) -> str:
        """The first `limit` of those in a span.

        >>> query = Query(bucket="b", measurement="m", columns="*", key=("web", "local"))
        >>> query.of(Interval(10, 20), 5).partition(" AND time ")[2]
        '>= 10s AND time < 20s ORDER BY time ASC LIMIT 5'
        """
        check, location = map(literal, self.key)
        start, end = max(span.start, _EARLIEST), min(span.end, _LATEST)
        return (
            f'SELECT {self.columns} FROM "{self.measurement}" '  # noqa: S608 - both are our own
            f'WHERE "check" = {check} AND "location" = {location} '
            f"AND time >= {start}s AND time < {end}s "
            f"ORDER BY time {'DESC' if self.newest_first else 'ASC'} LIMIT {limit}"
        )

    def after(self, last: Second, span: Interval) -> Interval:
        """What is left of a span: a check and location have one row a second."""
        if self.newest_first:
            return Interval(span.start, last)
        return Interval(Second(last + 1), span.end)


def literal(text: str) -> str:
    r"""
    >>> print(literal("it's a \\"))
    'it\'s a \\'
    """
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"'{escaped}'"


def rows_of(answer: Answer, bucket: str) -> Sequence[Row]:
    """The rows of one statement's answer; none where nothing was found.

    Raises StoreMisconfigured for a bucket that is not there or may not be read, StoreUnavailable
    for a passing error and for what is no such answer.
    """
    try:
        return [row for result in answer.fields()["results"] for row in _rows(result, bucket)]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise StoreUnavailable("what answers to /query is no InfluxDB") from None


def last_of(page: Sequence[Row], span: Interval) -> Second:
    """The time of a page's last row. Raises StoreUnavailable where it is outside the span: reading
    on from there would never end."""
    at = page[-1].get("time")
    if type(at) is not int or Second(at) not in span:
        raise StoreUnavailable("what answers to /query gives times that were not asked for")
    return Second(at)


def _rows(result: Mapping[str, Any], bucket: str) -> Iterator[Row]:
    if error := result.get("error"):
        _refuse(shown(str(error), _LONGEST), bucket)
    for series in result.get("series", ()):
        columns = series["columns"]
        yield from (dict(zip(columns, row, strict=True)) for row in series["values"])


def _refuse(error: str, bucket: str) -> None:
    if "not found" in error:
        raise StoreMisconfigured(
            f"the bucket {bucket} is not there, or the token may not read it, or is another "
            f"organisation's ({error}): `estado store init` makes both"
        )
    raise StoreUnavailable(error)
