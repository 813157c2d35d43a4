"""What a private page shows to those who may not see it: that it is private, and nothing of it.

Every address is answered alike, whether or not there is anything. One thing works for a subscriber
without a link to the page: the button behind a link of a mail, for whoever wants no more mail must
not have to ask for a way in. That page names nothing either.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

from monitor.domain.subscriptions.note import STATUS, Note
from monitor.i18n.addresses import confirm_path, subscription_note_path, unsubscribe_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE, SUBSCRIBERS
from statuspage.parts.html import escaped
from statuspage.publish.rendered import HTML
from statuspage.serve.responder import HEALTH, Request
from statuspage.serve.responses import JSON, Response
from statuspage.serve.snapshot import API, SECURITY, Headers
from statuspage.serve.subscribing.desk import FormKind, FormRoute, route_of

LINK_PAGES = frozenset(of(lang) for lang in Lang for of in (confirm_path, unsubscribe_path))
_NOTES: Mapping[str, tuple[Note, Lang]] = {
    subscription_note_path(note, lang): (note, lang) for note in Note for lang in Lang
}
_ROBOTS = "/robots.txt"
_STYLE = (
    "body{font:1.0625rem/1.55 system-ui,sans-serif;max-width:38rem;margin:12vh auto;"
    "padding:0 1.25rem}h1,h2{font-size:1.25rem;margin:2rem 0 .25rem}p{margin:0 0 1rem}"
    "button{font:inherit;min-height:2.75rem;padding:0 1.25rem}"
)
_HASHED = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_HASHED}'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_SECURITY: Headers = (("Content-Security-Policy", _POLICY), *SECURITY[1:])


def closed_answer(request: Request, *, is_stale: bool | None) -> Response:
    """`is_stale` is what machines that watch the page may know; None: nothing is published yet."""
    if request.path == HEALTH:
        return _json(200, {"status": "ok", "stale": is_stale})
    if request.path == _ROBOTS:
        text = b"User-agent: *\nDisallow: /\n"
        return Response(200, (("Content-Type", "text/plain; charset=utf-8"), *SECURITY), text)
    if request.path.startswith(API):
        return _json(403, {"error": "Forbidden"})
    return _CLOSED


def subscribers_answer(request: Request) -> Response | None:
    """The button behind a link of a mail, or what became of it; None of any other address."""
    if request.path in _NOTES:
        note, lang = _NOTES[request.path]
        said = SUBSCRIBERS[lang].notes[note]
        return _page(STATUS[note], lang, said.title, said.lead)
    form = route_of(request.path)
    if form is None or not form.token:
        return None
    return _button(form, Lang(form.locale))


def _button(form: FormRoute, lang: Lang) -> Response:
    words = SUBSCRIBERS[lang]
    title, lead, send = words.end_title, words.end_lead, words.end_send
    if form.kind is FormKind.CONFIRM:
        title, lead, send = words.confirm_title, words.confirm_lead, words.confirm_send
    return _page(200, lang, title, lead, button=send)


def _page(status: int, lang: Lang, title: str, lead: str, *, button: str = "") -> Response:
    pressed = f'<form method="post"><button>{escaped(button)}</button></form>' if button else ""
    main = f"<h1>{escaped(title)}</h1><p>{escaped(lead)}</p>{pressed}"
    return _html(status, lang, title, main)


def _closed_page() -> Response:
    """In every language: who asks may read none but his own."""
    first, *others = Lang
    said = PAGE[first]
    main = [f"<h1>{escaped(said.closed_title)}</h1><p>{escaped(said.closed_lead)}</p>"]
    for lang in others:
        said = PAGE[lang]
        title, lead = escaped(said.closed_title), escaped(said.closed_lead)
        main.append(f'<section lang="{lang.value}"><h2>{title}</h2><p>{lead}</p></section>')
    return _html(403, first, PAGE[first].closed_title, "".join(main))


def _html(status: int, lang: Lang, title: str, main: str) -> Response:
    content = (
        f'<!doctype html><html lang="{lang.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{escaped(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main>{main}</main></body></html>"
    )
    headers = (("Content-Type", HTML), ("Content-Language", lang.value), *_SECURITY)
    return Response(status, headers, content.encode())


def _json(status: int, told: Mapping[str, object]) -> Response:
    return Response(status, (("Content-Type", JSON), *SECURITY), json.dumps(told).encode())


_CLOSED = _closed_page()
