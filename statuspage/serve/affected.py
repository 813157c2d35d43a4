"""Whether a failure concerns a domain: the published page, with the answer filled in.

A known domain and an unknown one are answered by the same steps with the same status, headers and
number of bytes, and at the same time after the question. Nothing is stored and nothing compressed:
a compressed answer would be shorter where it repeats what was typed. What a known domain shows is
which public components serve it, and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs

from aiohttp import web

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.answers import STATUS, NameAnswer, worst_answer
from monitor.domain.customers.names import BadName, CustomerName, read_name
from monitor.domain.leaky_bucket import Limit
from monitor.domain.time.clock import Clock
from monitor.i18n.addresses import affected_path
from monitor.i18n.forms.customers import AffectedWords
from monitor.i18n.languages import Lang
from monitor.i18n.words import AFFECTED
from statuspage.pages.marks import MarkedPage, wrong_field
from statuspage.parts.html import escaped, fill
from statuspage.publish.rendered import HTML
from statuspage.serve.forms import Buckets, Pages, network_of, read_body
from statuspage.serve.responder import Request
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import SECURITY

MOST_BYTES = 8 * 1024
MOST_SHOWN = 100
"""Characters of what was typed that are repeated."""
BY_NETWORK = Limit(most=60, window_s=3_600)
"""Questions of one network: an office behind one address has many customers in it."""
IN_TOTAL = Limit(most=20_000, window_s=3_600)
ANSWER_AFTER_S = 0.05
"""From the question to the answer; to find and to write it takes a hundredth of that."""
_LANG_OF = {affected_path(lang): lang for lang in Lang}
_LIST = b'<div class="group card"><ul>%b</ul></div>'


class Table(Protocol):
    """Names, each with its components."""

    def find(self, lookups: Collection[str]) -> Collection[ComponentId]:
        """Empty where none of the names is known. As many steps for one as for the other."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What was typed, and what is to be said: `answer` None where the name is looked up."""

    typed: str
    name: CustomerName | None = None
    answer: NameAnswer | None = None


class NameDesk:
    """`table` gives None while there is none that can be read; `client_of` says who asks."""

    def __init__(
        self,
        table: Callable[[], Table | None],
        client_of: Callable[[web.Request], str],
        clock: Clock,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._table = table
        self._client_of = client_of
        self._clock = clock
        self._pause = pause
        self._by_network, self._in_total = Buckets(BY_NETWORK), Buckets(IN_TOTAL)

    def page_of(self, path: str) -> str:
        """As the port says."""
        return path if path in _LANG_OF else ""

    async def answer(self, sent: web.Request, asked: Request, pages: Pages) -> Response:
        """As the port says."""
        lang = _LANG_OF[asked.path]
        question = await self._question(sent)
        # From here on: who sends a body late must not see how long the lookup takes.
        began = self._clock.monotonic()
        page = MarkedPage.of(await pages.plain(asked.path))
        said, content = answered(page, question, self._found(question), AFFECTED[lang])
        await self._pause(max(0.0, ANSWER_AFTER_S - (self._clock.monotonic() - began)))
        headers = (
            ("Content-Type", HTML),
            ("Content-Language", lang.value),
            ("Cache-Control", "no-store, no-transform"),
            *SECURITY,
        )
        return Response(STATUS.get(said, 200), headers, content)

    async def _question(self, sent: web.Request) -> Question:
        now = self._clock.monotonic()
        network = network_of(self._client_of(sent))
        if not self._by_network.takes(network, now) or not self._in_total.takes("", now):
            return Question(typed="", answer=NameAnswer.TOO_MANY)
        typed = _typed(await read_body(sent, MOST_BYTES))
        try:
            return Question(typed=typed, name=read_name(typed))
        except BadName:
            return Question(typed=typed, answer=NameAnswer.NO_NAME)

    def _found(self, question: Question) -> Collection[ComponentId] | None:
        """None where nothing can be looked up."""
        table = self._table()
        if table is None:
            return None
        return table.find(question.name.lookups) if question.name is not None else ()


def answered(
    page: MarkedPage,
    question: Question,
    found: Collection[ComponentId] | None,
    words: AffectedWords,
) -> tuple[NameAnswer, bytes]:
    """The page with the answer, as long as it would be with any other answer to the question."""
    mine = [line for line in page.lines if line.component in (found or ())]
    answer = question.answer or (
        NameAnswer.UNAVAILABLE if found is None else worst_answer([line.means for line in mine])
    )
    # Where all of them serve it there is nothing to part.
    above = mine if len(mine) < len(page.lines) else []
    texts = _texts(question, words)
    headings = (page.heading, _other_heading(page.heading, words))
    listed = _LIST % b"".join(line.html for line in above)
    parted = {line.component for line in above}
    rest = b"".join(line.html for line in page.lines if line.component not in parted)
    typed = _typed_attribute(question)
    is_wrong = answer is NameAnswer.NO_NAME
    content = b"".join(
        [
            page.before_answer,
            _ANSWER % (texts[answer], listed if above else b""),
            wrong_field(page.before_typed) if is_wrong else page.before_typed,
            typed,
            page.before_lines,
            headings[bool(above)],
            rest,
            page.after_lines,
        ]
    )
    longest = max(map(len, texts.values())) - len(texts[answer])
    longest += max(map(len, headings)) - len(headings[bool(above)])
    longest += 0 if above else len(_LIST % b"")
    return answer, content + b" " * longest


_ANSWER = b'<section class="card" id="respuesta" role="status">%b%b</section>'


def _texts(question: Question, words: AffectedWords) -> Mapping[NameAnswer, bytes]:
    """What each answer says, of which one is shown: all are made whichever it is."""
    x = (question.name.shown if question.name else question.typed)[:MOST_SHOWN]
    return {
        answer: (f"<h2>{fill(said.title, x=x)}</h2><p>{escaped(said.lead)}</p>").encode()
        for answer, said in words.answers.items()
    }


def _other_heading(heading: bytes, words: AffectedWords) -> bytes:
    every, others = (escaped(w).encode() for w in (words.all_services, words.other_services))
    return heading.replace(every, others)


def _typed_attribute(question: Question) -> bytes:
    return f' value="{escaped(question.typed[:MOST_SHOWN])}"'.encode()


def _typed(body: bytes | None) -> str:
    """Empty where it is no form of ours."""
    try:
        fields = parse_qs((body or b"").decode("utf-8"), max_num_fields=8, keep_blank_values=True)
    except ValueError:
        return ""
    return fields.get("name", [""])[0]
