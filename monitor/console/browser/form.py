"""A form as a browser sends it, and the values that it stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from monitor.domain.refusals import Refused
from monitor.domain.text import Text
from monitor.domain.time.interval import Second

TYPE = "application/x-www-form-urlencoded"
_MOST_FIELDS = 3_000


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name; of one that is not there each method gives what is empty."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, content: bytes) -> Form:
        """Raises Refused."""
        try:
            text = content.decode("ascii")
            fields = parse_qs(
                text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace"
            )
        except ValueError as error:
            raise Refused("request.bad") from error
        return cls(fields)

    def text(self, name: str) -> str:
        """As it was typed."""
        return self.fields.get(name, [""])[0]

    def line(self, name: str) -> str:
        return self.text(name).strip()

    def has(self, name: str) -> bool:
        return bool(self.line(name))

    def many(self, name: str) -> tuple[str, ...]:
        return tuple(value for value in self.fields.get(name, ()) if value)

    def number(self, name: str) -> int | None:
        """A whole number; None where there is none. Raises Refused."""
        written = self.line(name)
        if not written:
            return None
        if not (written.isascii() and written.isdigit() and len(written) < 10):
            raise Refused("form.number", field=name, got=written[:40])
        return int(written)

    def words(self, name: str) -> Text | None:
        """The text of `<name>_es` and `<name>_en`; None where both are empty. Without Spanish it is
        refused: readers of other languages fall back to it. Raises Refused."""
        spanish, english = self.line(f"{name}_es"), self.line(f"{name}_en")
        if not spanish and not english:
            return None
        if not spanish:
            raise Refused("form.no_spanish")
        return Text({"es": spanish, **({"en": english} if english else {})})

    def required_words(self, name: str, what: str) -> Text:
        """As `words`; `what` is missing where both are empty. Raises Refused."""
        found = self.words(name)
        if found is None:
            raise Refused("text.empty", what=what)
        return found

    def moment(self, name: str, zone: ZoneInfo) -> Second:
        """A time as `<input type="datetime-local">` has it, in that zone. Raises Refused, also for
        one that a change of the clocks leaves out."""
        written = self.line(name)
        try:
            local = datetime.fromisoformat(written).replace(microsecond=0)
            at = int(local.replace(tzinfo=zone).timestamp())
            again = datetime.fromtimestamp(at, zone).replace(tzinfo=None)
        except (OverflowError, ValueError) as error:
            raise Refused("form.time", field=name, got=written[:40]) from error
        if local.tzinfo is not None:
            raise Refused("form.time", field=name, got=written[:40])
        if again != local:
            raise Refused("form.no_such_time", got=written[:40], zone=zone.key)
        return Second(at)
