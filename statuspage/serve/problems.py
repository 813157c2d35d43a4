"""What customers say that fails: judged by the form alone, stored, and answered with a reference.

Nothing is looked up: what the answer says of the service is what the published page says.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

import structlog
from aiohttp import web

from monitor.domain.checks.observation import ComponentId
from monitor.domain.customers.answers import NameAnswer
from monitor.domain.customers.notes import STATUS, ProblemNote
from monitor.domain.customers.problems import (
    LETTERS,
    LONGEST,
    REF_LETTERS,
    SAID,
    ProblemKind,
    ProblemRef,
    Said,
    body_of,
)
from monitor.domain.leaky_bucket import Limit
from monitor.domain.time.clock import Clock
from monitor.i18n.addresses import problem_path, problem_received_path
from monitor.i18n.forms.customers import ProblemWords
from monitor.i18n.languages import Lang
from monitor.i18n.words import PROBLEMS
from monitor.inbox.ports import InboxFull, InboxUnavailable
from statuspage.pages.marks import (
    ANSWER,
    CONSULTING,
    DESIGN,
    END,
    REST,
    TYPED,
    Line,
    lines_of,
    wrong_field,
)
from statuspage.parts.html import escaped
from statuspage.publish.rendered import HTML, JSON
from statuspage.serve.forms import (
    Appending,
    Buckets,
    Pages,
    is_json,
    is_own,
    network_of,
    read_body,
)
from statuspage.serve.responder import Request
from statuspage.serve.responses import Response
from statuspage.serve.snapshot import SECURITY

MOST_BYTES = 16 * 1024
BY_NETWORK = Limit(most=6, window_s=3_600)
IN_TOTAL = Limit(most=300, window_s=3_600)
SAME_FOR_S = 600.0
"""Who sends the same again within so long, by a reload, gets the same reference."""
_MOST_KNOWN = 1_000
_LANG_OF = {problem_path(lang): lang for lang in Lang}
_MEANS = {
    NameAnswer.FAILING: ProblemNote.KNOWN,
    NameAnswer.MAINTENANCE: ProblemNote.MAINTENANCE,
    NameAnswer.PAST: ProblemNote.KEPT,
}
_ASK = (ProblemNote.LOOKING, ProblemNote.UNSAID)
"""Where somebody of SLA 1 answers, unless a failure is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed; `note` says what is wrong with it, if anything."""

    kind: ProblemKind = ProblemKind.FAILS
    component: ComponentId | None = None
    text: str = ""
    note: ProblemNote | None = None


@dataclass(slots=True)
class _Known:
    """References that were given of late, by what was sent."""

    refs: OrderedDict[bytes, tuple[ProblemRef, float]] = field(default_factory=OrderedDict)

    def of(self, sent: bytes, now: float) -> ProblemRef | None:
        ref, at = self.refs.get(sent, (None, 0.0))
        return ref if ref is not None and now - at < SAME_FOR_S else None

    def add(self, sent: bytes, ref: ProblemRef, now: float) -> None:
        self.refs[sent] = (ref, now)
        if len(self.refs) > _MOST_KNOWN:
            self.refs.popitem(last=False)


class ProblemDesk:
    """`client_of` says who sends a form; `new_ref` gives a reference."""

    def __init__(
        self,
        append: Appending,
        client_of: Callable[[web.Request], str],
        clock: Clock,
        new_ref: Callable[[], ProblemRef] | None = None,
    ) -> None:
        self._append = append
        self._client_of = client_of
        self._clock = clock
        self._new_ref = new_ref or _random_ref
        self._salt = os.urandom(16)
        self._known = _Known()
        self._by_network, self._in_total = Buckets(BY_NETWORK), Buckets(IN_TOTAL)
        self._log = structlog.get_logger()

    def page_of(self, path: str) -> str:
        """As the port says."""
        return path if path in _LANG_OF else ""

    async def answer(self, sent: web.Request, asked: Request, pages: Pages) -> Response:
        """As the port says."""
        lang = _LANG_OF[asked.path]
        received = await pages.plain(problem_received_path(lang))
        shown = frozenset(line.component for line in _lines(received))
        form, ref = await self._taken(sent, lang, pages.page, shown)
        note = form.note or _note_of(form, _lines(received))
        if is_json(sent):
            return _as_json(note, ref, PROBLEMS[lang])
        if form.note is None and ref is not None:
            content = received_html(received, form, note, ref, PROBLEMS[lang])
        else:
            content = refused_html(await pages.plain(asked.path), form, note, PROBLEMS[lang])
        headers = (
            ("Content-Type", HTML),
            ("Content-Language", lang.value),
            ("Cache-Control", "no-store"),
            *SECURITY,
        )
        return Response(STATUS.get(note, 200), headers, content)

    async def _taken(
        self, sent: web.Request, lang: Lang, page: str, shown: Collection[ComponentId]
    ) -> tuple[Form, ProblemRef | None]:
        """The form, and the reference under which it is stored; None where it is not. A component
        that the page does not show is none."""
        if not is_own(sent.headers, sent.host):
            return Form(note=ProblemNote.FOREIGN), None
        network, now = network_of(self._client_of(sent)), self._clock.monotonic()
        body = await read_body(sent, MOST_BYTES)
        form = read_form(body, is_json=is_json(sent))
        if form.note is not None:
            return form, None
        if form.component not in shown:
            form = replace(form, component=None)
        # The same words on another brand's page are about something else.
        place = f"{page}\0{form.component}\0".encode()
        digest = self._digest(network, place + (body or b""))
        former = self._known.of(digest, now)
        if former is not None:
            return form, former
        if not self._by_network.takes(network, now) or not self._in_total.takes("", now):
            return _with(form, ProblemNote.TOO_MANY), None
        return await self._stored(form, lang, network, digest)

    async def _stored(
        self, form: Form, lang: Lang, network: str, digest: bytes
    ) -> tuple[Form, ProblemRef | None]:
        said = Said(
            ref=self._new_ref(),
            kind=form.kind,
            component=form.component,
            text=form.text,
            locale=lang.value,
            sender=self._digest(network, b"").hex()[:8],
            at=self._clock.now(),
        )
        try:
            await self._append(SAID, body_of(said))
        except InboxFull:
            self._log.warning("page.problems_full")
            return _with(form, ProblemNote.FULL), None
        except InboxUnavailable as error:
            self._log.error("page.problems_failed", error=str(error))
            return _with(form, ProblemNote.FULL), None
        self._known.add(digest, said.ref, self._clock.monotonic())
        return form, said.ref

    def _digest(self, network: str, body: bytes) -> bytes:
        """Tells senders apart until the process ends, and names none."""
        key = hashlib.blake2b(network.encode(), key=self._salt, digest_size=16).digest()
        return hashlib.blake2b(body, key=key, digest_size=16).digest()


def read_form(body: bytes | None, *, is_json: bool = False) -> Form:
    """What it says; its note says what is wrong with it."""
    try:
        fields = _fields(body, is_json=is_json)
        kind, component = ProblemKind(fields.get("kind", "fails")), fields.get("component", "")
    except (ValueError, RecursionError):
        return Form(note=ProblemNote.BAD_FORM)
    if len(component) > 64 or not component.isascii() or not (component + "x").isprintable():
        return Form(note=ProblemNote.BAD_FORM)
    text = "\n".join(fields.get("text", "").replace("\0", "").split("\n")).replace("\r", "").strip()
    form = Form(kind=kind, component=ComponentId(component) if component else None, text=text)
    is_said = 2 < len(text) <= LONGEST and any(letter.isalpha() for letter in text)
    return form if is_said else _with(form, ProblemNote.NO_TEXT)


def _fields(body: bytes | None, *, is_json: bool) -> dict[str, str]:
    """Raises ValueError where it is no form of ours."""
    if body is None:
        raise ValueError("too long, or it did not come")
    if not is_json:
        found = parse_qs(body.decode("utf-8"), max_num_fields=8, keep_blank_values=True)
        return {name: values[0] for name, values in found.items()}
    read = json.loads(body)
    if not isinstance(read, dict) or not all(isinstance(v, str) for v in read.values()):
        raise ValueError("wanted an object of texts")
    for text in read.values():
        text.encode()  # Half a pair of surrogates is no text, and nobody could store it.
    return read


def received_html(
    page: bytes, form: Form, note: ProblemNote, ref: ProblemRef, words: ProblemWords
) -> bytes:
    """The page of what becomes of it, with what is about this one alone."""
    before, rest = page.split(ANSWER.encode())
    _, rest = rest.split(CONSULTING.encode())
    consulting, rest = rest.split(DESIGN.encode())
    design, rest = rest.split(REST.encode())
    listed, after = rest.split(END.encode())
    heading, lines = lines_of(listed)
    who = design if note is ProblemNote.DESIGN else consulting if note in _ASK else b""
    own = [line for line in lines if line.component == form.component]
    # The last line has the end of the list behind it, which each of them needs.
    shown = heading + _item(own[0].html) + b"</ul></div></section>" if own else b""
    said = words.notes[note]
    answer = (
        f'<section class="card" id="respuesta" role="status">'
        f"<p>{escaped(words.reference)}: <b>{escaped(ref)}</b></p>"
        f"<h2>{escaped(said.title)}</h2><p>{escaped(said.lead)}</p>"
        f'<p class="muted">{escaped(words.keep_it)}</p></section>'
    )
    return b"".join([before, answer.encode(), who, shown, after])


def refused_html(page: bytes, form: Form, note: ProblemNote, words: ProblemWords) -> bytes:
    """The form again, with what was typed and what is wrong."""
    said = words.notes[note]
    answer = (
        f'<section class="card" id="respuesta" role="alert">'
        f"<h2>{escaped(said.title)}</h2><p>{escaped(said.lead)}</p></section>"
    )
    before, after = page.replace(ANSWER.encode(), answer.encode()).split(TYPED.encode())
    if note is ProblemNote.NO_TEXT:
        before = wrong_field(before)
    text = f">{escaped(form.text[:LONGEST])}".encode()
    filled = before + text + after.removeprefix(b">")
    chosen = f'<option value="{escaped(form.component or "")}">'.encode()
    filled = filled.replace(chosen, chosen[:-1] + b" selected>")
    if form.kind is ProblemKind.DESIGN:
        filled = filled.replace(b'value="fails" checked', b'value="fails"')
        filled = filled.replace(b'value="design"', b'value="design" checked')
    return filled


def _lines(received: bytes) -> tuple[Line, ...]:
    listed = received.split(REST.encode())[1].split(END.encode())[0]
    return lines_of(listed)[1]


def _item(line: bytes) -> bytes:
    return line[: line.index(b"</li>") + len(b"</li>")]


def _note_of(form: Form, lines: tuple[Line, ...]) -> ProblemNote:
    is_old = any(line.means is NameAnswer.PAST for line in lines)
    if is_old:
        return ProblemNote.KEPT
    if form.kind is ProblemKind.DESIGN:
        return ProblemNote.DESIGN
    means = [line.means for line in lines if line.component == form.component]
    return _MEANS.get(means[0], ProblemNote.LOOKING) if means else ProblemNote.UNSAID


def _as_json(note: ProblemNote, ref: ProblemRef | None, words: ProblemWords) -> Response:
    said = words.notes[note]
    told = {"reference": ref, "status": note.value, "message": f"{said.title} {said.lead}"}
    headers = (("Content-Type", JSON), ("Cache-Control", "no-store"), *SECURITY)
    body = json.dumps(told, ensure_ascii=False).encode()
    return Response(STATUS.get(note, 200), headers, body)


def _with(form: Form, note: ProblemNote) -> Form:
    return replace(form, note=note)


def _random_ref() -> ProblemRef:
    return ProblemRef("".join(secrets.choice(LETTERS) for _ in range(REF_LETTERS)))
