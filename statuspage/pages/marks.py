"""Marks in the pages that answer customers: where the answer goes, what they typed and chose, and
which line is of which component. They are comments, and attributes that mean nothing: the page is
whole without an answer. Nothing that people wrote can look like one, for it is escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.answers import NameAnswer
from statuspage.parts.html import Html, html

ANSWER = Html("<!--answer-->")
REST = Html("<!--rest-->")
END = Html("<!--end-->")
TYPED = Html(" data-typed")
WRONG = Html("<!--wrong-->")
"""In a form: where what is wrong with it goes."""
OPENED, CHOSEN = Html(" data-opened"), Html(" data-chosen")
"""What is folded around a form, and within it."""
CONSULTING, DESIGN = Html("<!--consulting-->"), Html("<!--design-->")
_DESCRIBED = b'aria-describedby="'
_ROW = re.compile(rb"<!--of ([^ ]+) ([a-z_]+)-->")


class NotThatPage(ValueError):
    """Its marks are not where they have to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One component's line, and what it means for who uses it."""

    component: ComponentId
    means: NameAnswer
    html: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPage:
    """The page in pieces. `heading` stands before the lines, in the list of all services."""

    before_answer: bytes
    before_typed: bytes
    before_lines: bytes
    heading: bytes
    lines: tuple[Line, ...]
    after_lines: bytes

    @classmethod
    def of(cls, page: bytes) -> MarkedPage:
        """Raises NotThatPage."""
        try:
            before_answer, rest = page.split(ANSWER.encode())
            before_typed, rest = rest.split(TYPED.encode())
            before_lines, rest = rest.split(REST.encode())
            listed, after_lines = rest.split(END.encode())
            heading, lines = lines_of(listed)
            return cls(
                before_answer=before_answer,
                before_typed=before_typed,
                before_lines=before_lines,
                heading=heading,
                lines=lines,
                after_lines=after_lines,
            )
        except ValueError as error:
            raise NotThatPage(str(error)) from error


def lines_of(listed: bytes) -> tuple[bytes, tuple[Line, ...]]:
    """What stands before the first line, and the lines. Raises ValueError."""
    heading, *pieces = _ROW.split(listed)
    found = zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)
    return heading, tuple(_line(*piece) for piece in found)


def wrong_field(page: bytes) -> bytes:
    """The page whose field is described by what the answer says first, and has the focus; up to the
    mark of what was typed."""
    before, hint = page.rsplit(_DESCRIBED, 1)
    return before + _DESCRIBED + b"respuesta " + hint + b' aria-invalid="true" autofocus'


def row_mark(component: ComponentId, means: NameAnswer) -> Html:
    return html("<!--of {id} {means}-->", id=component, means=means.value)


def _line(component: bytes, means: bytes, line: bytes) -> Line:
    return Line(
        component=ComponentId(component.decode()), means=NameAnswer(means.decode()), html=line
    )
