"""The pages on which a customer says that something fails: the form, and what becomes of it.

They are published as all pages are. Whoever takes the form (`statuspage.serve.problems`) shows of
the second one what is about the customer's own service, at the marks that the template leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.customers.problems import CONSULTING as CONSULTING_LEVEL
from monitor.domain.customers.problems import DESIGN_LEVEL
from monitor.i18n.addresses import problem_path
from monitor.i18n.formats import spoken_duration
from monitor.i18n.forms.customers import ProblemWords
from monitor.i18n.words import PROBLEMS
from statuspage.pages.affected import ServiceLine, service_lines
from statuspage.pages.marks import ANSWER, CONSULTING, DESIGN, END, REST, TYPED
from statuspage.pages.subscription import ChoiceGroup, choice_groups
from statuspage.parts.context import Context
from statuspage.parts.guide import Step, step_of
from statuspage.parts.html import Html


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """A level that answers: its step of the guide, and within how much of its hours."""

    name: str
    step: Step
    within: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    words: ProblemWords
    action: str
    groups: tuple[ChoiceGroup, ...]
    has_design: bool
    consulting: Answering | None
    after_answer: str
    answer: Html
    typed: Html


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedPage:
    words: ProblemWords
    consulting: Answering | None
    design: Answering | None
    lines: tuple[ServiceLine, ...]
    answer: Html
    consulting_mark: Html
    design_mark: Html
    rest: Html
    end: Html


def problem_page(context: Context) -> ProblemPage:
    words, consulting = PROBLEMS[context.lang], _answering(CONSULTING_LEVEL, context)
    name = "" if consulting is None else consulting.name
    return ProblemPage(
        words=words,
        action=problem_path(context.lang),
        groups=choice_groups(context),
        has_design=_answering(DESIGN_LEVEL, context) is not None,
        consulting=consulting,
        after_answer=words.after_answer.format(x=name),
        answer=ANSWER,
        typed=TYPED,
    )


def received_page(context: Context) -> ReceivedPage:
    return ReceivedPage(
        words=PROBLEMS[context.lang],
        consulting=_answering(CONSULTING_LEVEL, context),
        design=_answering(DESIGN_LEVEL, context),
        lines=service_lines(context),
        answer=ANSWER,
        consulting_mark=CONSULTING,
        design_mark=DESIGN,
        rest=REST,
        end=END,
    )


def problem_title(context: Context) -> str:
    return PROBLEMS[context.lang].title


def received_title(context: Context) -> str:
    return PROBLEMS[context.lang].received


def _answering(level: str, context: Context) -> Answering | None:
    """None where there is no such level."""
    found = next((of for of in context.view.support if of.id == level), None)
    if found is None:
        return None
    within = ""
    if found.answer_within is not None:
        length = spoken_duration(int(found.answer_within.total_seconds()), context.lang)
        within = PROBLEMS[context.lang].within.format(d=length)
    return Answering(name=context.text(found.name), step=step_of(found, context), within=within)
