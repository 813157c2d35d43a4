"""Weekly opening hours as they are written: `always`, or days with a time from and a time to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainValidator, WithJsonSchema

from monitor.config.errors import Wanted, show
from monitor.domain.time.calendar import Hours

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_KEYS = ("days", "opens", "closes")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenHours:
    """Hours without a time zone: minutes of the day."""

    days: frozenset[int]
    opens: int
    closes: int

    def in_zone(self, zone: ZoneInfo) -> Hours:
        closes = None if self.closes == _MIDNIGHT else time(*divmod(self.closes, 60))
        return Hours(zone=zone, days=self.days, opens=time(*divmod(self.opens, 60)), closes=closes)


ALWAYS = WrittenHours(days=frozenset(range(7)), opens=0, closes=_MIDNIGHT)


def read_hours(value: object) -> WrittenHours:
    """
    >>> sorted(read_hours({"days": "mon-fri", "opens": "10:00", "closes": "17:00"}).days)
    [0, 1, 2, 3, 4]
    """
    if value == "always":
        return ALWAYS
    if (
        not isinstance(value, dict)
        or set(value) - set(_KEYS)
        or not {"opens", "closes"} <= {*value}
    ):
        raise Wanted('must be always, or {days: mon-fri, opens: "10:00", closes: "17:00"}')
    opens, closes = _minute(value["opens"]), _minute(value["closes"])
    if opens >= closes:
        got = f"{value['opens']} to {value['closes']}"
        raise Wanted("must open before it closes on the same day (24:00 is midnight)", got)
    return WrittenHours(days=_days(value.get("days", "mon-sun")), opens=opens, closes=closes)


def _minute(value: object) -> int:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    minute = int(found[1]) * 60 + int(found[2]) if found else _MIDNIGHT + 1
    if minute > _MIDNIGHT:
        raise Wanted('must have times of day such as "09:30"', show(value))
    return minute


def _days(value: object) -> frozenset[int]:
    words = value if isinstance(value, list) else [value]
    return frozenset(day for word in words for day in _span(word))


def _span(word: object) -> range:
    first, _, last = word.partition("-") if isinstance(word, str) else ("", "", "")
    if first not in _DAYS or (last or first) not in _DAYS:
        known = " ".join(_DAYS)
        raise Wanted(f"must have days such as mon-fri or [sat, sun], of {known}", show(word))
    start, end = _DAYS.index(first), _DAYS.index(last or first)
    if start > end:
        raise Wanted("must have days in the order of the week", show(word))
    return range(start, end + 1)


OpeningHours = Annotated[
    WrittenHours,
    PlainValidator(read_hours),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "always"},
                {
                    "type": "object",
                    "required": ["opens", "closes"],
                    "additionalProperties": False,
                    "properties": {
                        "days": {"type": ["string", "array"]},
                        "opens": {"type": "string", "pattern": _TIME.pattern},
                        "closes": {"type": "string", "pattern": _TIME.pattern},
                    },
                },
            ],
            "x-written": "always or {days, opens, closes}",
        }
    ),
]
