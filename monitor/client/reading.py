"""JSON of a door, read field by field: what a command goes on with has the types that it expects,
and no text of it makes a terminal do anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from monitor.client.faults import NoEstado
from monitor.domain.text import Text
from monitor.domain.time.interval import Second
from monitor.domain.untrusted_text import visible

T = TypeVar("T")


def parsed(content: bytes) -> Any:
    """Any JSON, its texts without control characters. Raises ValueError."""
    try:
        return harmless(json.loads(content.decode("utf-8")))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def harmless(value: Any) -> Any:
    """JSON whose texts, and names, hold nothing that a terminal would act on."""
    match value:
        case str():
            return visible(value)
        case list():
            return [harmless(item) for item in value]
        case dict():
            return {visible(name): harmless(item) for name, item in value.items()}
        case _:
            return value


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of an answer. Each method raises NoEstado where a field is not as it is wanted;
    fields that nobody asks for are those of a newer version."""

    found: Mapping[str, Any]

    @classmethod
    def of(cls, value: Any) -> Fields:
        if not isinstance(value, dict):
            raise _unexpected("", value)
        return cls(value)

    def text(self, name: str) -> str:
        return self._typed(name, str)

    def text_or_none(self, name: str) -> str | None:
        return None if self._is_none(name) else self.text(name)

    def number(self, name: str) -> int:
        found = self._typed(name, int)
        if isinstance(found, bool):
            raise _unexpected(name, found)
        return found

    def number_or_none(self, name: str) -> int | None:
        return None if self._is_none(name) else self.number(name)

    def place_or_none(self, name: str) -> str | None:
        """Where a list goes on, as it is asked for: a text or a number."""
        if isinstance(self.found.get(name), int):
            return str(self.number(name))
        return self.text_or_none(name)

    def flag(self, name: str) -> bool:
        return self._typed(name, bool)

    def measures(self, name: str) -> dict[str, float]:
        """An object of numbers, in its order."""
        found = self._typed(name, dict)
        if not all(type(value) in (int, float) for value in found.values()):
            raise _unexpected(name, found)
        return {key: float(value) for key, value in found.items()}

    def one(self, name: str) -> Fields:
        return Fields(self._typed(name, dict))

    def each(self, name: str, read: Callable[[Fields], T]) -> tuple[T, ...]:
        return tuple(read(Fields.of(item)) for item in self._typed(name, list))

    def documents(self, name: str) -> list[Mapping[str, Any]]:
        """The objects of a list as they are, for programs."""
        return [Fields.of(item).found for item in self._typed(name, list)]

    def texts(self, name: str) -> tuple[str, ...]:
        found = self._typed(name, list)
        if not all(isinstance(item, str) for item in found):
            raise _unexpected(name, found)
        return tuple(found)

    def texts_or_none(self, name: str) -> tuple[str, ...] | None:
        return None if self._is_none(name) else self.texts(name)

    def choices(self, name: str, kind: Callable[[str], T]) -> frozenset[T]:
        try:
            return frozenset(map(kind, self.texts(name)))
        except ValueError as error:
            raise _unexpected(name, self.found[name]) from error

    def choice(self, name: str, kind: Callable[[str], T]) -> T:
        """One of an enumeration's values."""
        try:
            return kind(self.text(name))
        except ValueError as error:
            raise _unexpected(name, self.found[name]) from error

    def words(self, name: str) -> Text:
        return _words(name, self._typed(name, dict))

    def words_or_none(self, name: str) -> Text | None:
        return None if self._is_none(name) else self.words(name)

    def each_words(self, name: str) -> tuple[Text, ...]:
        return tuple(_words(name, item) for item in self._typed(name, list))

    def second(self, name: str) -> Second:
        text = self.text(name)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise _unexpected(name, text) from error
        if moment.tzinfo is None:
            raise _unexpected(name, text)
        return Second(int(moment.timestamp()))

    def second_or_none(self, name: str) -> Second | None:
        return None if self._is_none(name) else self.second(name)

    def _is_none(self, name: str) -> bool:
        return self.found.get(name, ...) is None

    def _typed(self, name: str, kind: type[T]) -> T:
        found = self.found.get(name)
        if not isinstance(found, kind):
            raise _unexpected(name, found)
        return found


def _words(name: str, value: Any) -> Text:
    if not isinstance(value, dict) or not value:
        raise _unexpected(name, value)
    if not all(isinstance(words, str) for words in value.values()):
        raise _unexpected(name, value)
    return Text(value)


def _unexpected(name: str, found: object) -> NoEstado:
    field = f"the field {name}" if name else "an answer"
    return NoEstado(
        f"{field} of the door is not as this version wants it ({type(found).__name__}): compare "
        "estado --version here and there"
    )
