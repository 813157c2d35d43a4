"""The page that answers whether a failure concerns a domain: its form, and every service.

It is published as all pages are. What was asked is filled in by whoever serves it
(`statuspage.serve.affected`), at the marks that the template leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.customers.answers import answer_about
from monitor.i18n.addresses import affected_path, component_path
from monitor.i18n.forms.customers import AffectedWords
from monitor.i18n.words import AFFECTED
from statuspage.pages.marks import ANSWER, END, REST, TYPED, row_mark
from statuspage.parts.context import Context
from statuspage.parts.html import Html
from statuspage.parts.state import State, state_of
from statuspage.view.model import PublicComponent, PublicService


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """`mark` stands before it."""

    mark: Html
    service: str
    name: str
    url: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPage:
    words: AffectedWords
    action: str
    answer: Html
    typed: Html
    rest: Html
    end: Html
    lines: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameBox:
    """The form on the home page."""

    words: AffectedWords
    action: str


def affected_page(context: Context) -> AffectedPage:
    return AffectedPage(
        words=AFFECTED[context.lang],
        action=affected_path(context.lang),
        answer=ANSWER,
        typed=TYPED,
        rest=REST,
        end=END,
        lines=service_lines(context),
    )


def service_lines(context: Context) -> tuple[ServiceLine, ...]:
    """Every component, each behind its mark."""
    return tuple(_line(s, c, context) for s in context.view.services for c in s.components)


def affected_title(context: Context) -> str:
    return AFFECTED[context.lang].title


def name_box(context: Context) -> NameBox | None:
    """None where nobody may ask."""
    if not context.view.answers_names:
        return None
    return NameBox(words=AFFECTED[context.lang], action=affected_path(context.lang))


def _line(service: PublicService, component: PublicComponent, context: Context) -> ServiceLine:
    group = context.text(service.name)
    name = context.text(component.name)
    return ServiceLine(
        mark=row_mark(component.id, answer_about(component.shown, is_stale=context.is_stale)),
        service="" if group == name else group,
        name=name,
        url=component_path(component.id, context.lang),
        state=state_of(component.shown, context),
    )
