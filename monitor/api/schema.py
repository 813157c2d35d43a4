"""What bodies, parameters and answers are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    WithJsonSchema,
)

from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.i18n.formats import iso


class Body(BaseModel):
    """What a client sends: nothing unknown, and each value of its own type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Parameters(BaseModel):
    """The query of an address: text, read as what it stands for."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A body that is a file: its media type, its largest size in bytes, and how long it may take to
    arrive."""

    media_type: str
    most: int
    limit_s: float


CSV_FILE = Upload(media_type="text/csv", most=50_000_000, limit_s=120.0)
YAML_FILE = Upload(media_type="application/yaml", most=8 * 1024 * 1024, limit_s=30.0)
_NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(max_length=200, pattern=_NO_CONTROLS)]
"""One line of text. (PostgreSQL stores no NUL.)"""
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_CONTROLS)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Prose = Annotated[str, StringConstraints(max_length=8_000)]
"""What the public reads; the use case has the bound that is told to people."""


def _whole(moment: datetime) -> datetime:
    if moment.microsecond:
        raise ValueError("has to be a whole second")
    return moment


def _integral(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


WHOLE = BeforeValidator(_integral)
"""Beside a whole number with its bounds: JSON knows one kind of number, and 30.0 is whole."""
Moment = Annotated[
    AwareDatetime,
    AfterValidator(_whole),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": "^[^.]+$"}),
]
"""RFC 3339, with its offset; whole seconds."""
Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""The same in an answer."""


class Words(Body):
    """A public text. Readers of English get the Spanish where there is no English."""

    es: Prose
    en: Prose | None = None

    @property
    def text(self) -> Text:
        return Text({"es": self.es} if self.en is None else {"es": self.es, "en": self.en})


def second_of(moment: datetime) -> Second:
    return Second(int(moment.timestamp()))


def instant(at: Second, zone: ZoneInfo) -> str:
    return iso(at, zone)


def instant_or_none(at: Second | None, zone: ZoneInfo) -> str | None:
    return None if at is None else iso(at, zone)


def words_of(text: Text | None) -> dict[str, str] | None:
    return None if text is None else dict(text.by_locale)
