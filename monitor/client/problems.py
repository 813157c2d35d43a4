"""Problems of RFC 9457 as the refusals that they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from monitor.client.exchange import Received
from monitor.client.faults import RefusedThere
from monitor.client.reading import parsed
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.i18n.refusals import SENTENCES, sentence

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 20
_KINDS: Mapping[int, type[Refused]] = {
    HTTPStatus.NOT_FOUND: NotFound,
    HTTPStatus.PRECONDITION_FAILED: Stale,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    status: int
    code: str
    detail: str
    fields: Mapping[str, Any]
    errors: tuple[str, ...] = ()
    lines: tuple[Mapping[str, object], ...] = ()
    """What is wrong with a file that was sent: `line`, `detail`, and `column` where it has one."""

    @property
    def sentence(self) -> str:
        """Ours for the code, else the door's."""
        return self._own_sentence or self.detail

    @property
    def refusal(self) -> Refused:
        if self._own_sentence is None:
            return RefusedThere(self.code, "\n".join((self.detail, *self.errors)))
        return self._as_raised

    @property
    def _as_raised(self) -> Refused:
        kind = _KINDS.get(self.status, Refused)
        return kind(self.code, **self.fields, **({"errors": self.lines} if self.lines else {}))

    @property
    def _own_sentence(self) -> str | None:
        """None where none can be made: the code, or its fields, are of another version."""
        if self.code not in SENTENCES or self.errors:
            return None
        try:
            return sentence(self._as_raised)
        except (LookupError, TypeError, ValueError, AttributeError):
            return None


def problem_of(answer: Received) -> Problem | None:
    """None where it is none, or none that can be read."""
    media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status < 400 or media != MEDIA_TYPE:
        return None
    try:
        found = parsed(answer.body)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    code, detail, fields = found.get("code"), found.get("detail"), found.get("fields", {})
    if not (isinstance(code, str) and isinstance(detail, str) and isinstance(fields, dict)):
        return None
    lines = _lines(found.get("errors"))
    return Problem(
        status=answer.status, code=code, detail=detail, fields=fields,
        errors=() if lines else _errors(found.get("errors")), lines=lines,
    )  # fmt: skip


def _lines(found: object) -> tuple[Mapping[str, object], ...]:
    """Empty where they are not of a file."""
    listed = found if isinstance(found, list) else []
    are_lines = all(isinstance(one, dict) and "line" in one and "detail" in one for one in listed)
    return tuple(listed) if are_lines else ()


def _errors(found: object) -> tuple[str, ...]:
    """`text/es: the text is empty`, one of each field that is not as it is wanted."""
    listed = found if isinstance(found, list) else []
    said = [one for one in listed if isinstance(one, dict)][:_MOST_ERRORS]
    return tuple(
        f"{str(one.get('pointer') or one.get('parameter') or '').removeprefix('#/')}: "
        f"{one.get('detail', '')}"
        for one in said
    )
