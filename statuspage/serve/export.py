"""A publication as files that any web server can serve, and that stay true however long they lie.

They are the stale form of each page: it says of which time the data is, speaks in the past tense
and shows no state in colour, for nobody knows when a copy is read. A form that only asks is sent to
the page itself. One by which something is written down the page takes from its own forms alone, so
that no other site can have visitors send it: instead of it there is a link to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.domain.time.interval import Second
from monitor.i18n.addresses import answers_a_form, problem_path, subscribe_path
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE
from statuspage.parts.html import escaped
from statuspage.publish.rendered import HTML
from statuspage.serve.archive import Archive
from statuspage.serve.late_rendering import Renderable
from statuspage.serve.snapshot import Address, Body, Snapshot, Template

_FORM = b' action="/'
_WRITES = frozenset(path for lang in Lang for path in (problem_path(lang), subscribe_path(lang)))
_WRITING = re.compile(
    rb'<form [^>]*action="(%b)">.*?</form>' % "|".join(map(re.escape, sorted(_WRITES))).encode(),
    re.DOTALL,
)
_EDITION = "2"
"""Of what is made of the pages' bytes: with another one copies are written anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """`digest` is of its content without the time of the data, which one that `is_dated` states.
    One that `is_news` is what people look for that time in."""

    name: str
    content_type: str
    digest: str
    render: Callable[[], bytes]
    is_dated: bool = False
    is_news: bool = False


def exported(
    snapshot: Snapshot, archive: Archive, now: Second, root: str
) -> Iterator[ExportedFile]:
    """Every address that answers with 200, and the page for what is not found, under the names that
    web servers look for: `/` is `index.html`, `/historial` is `historial.html`. What answers a form
    is left out: a copy takes none, and would say that it has. `root` is the page's own address."""
    home = root.rstrip("/").encode()
    for path, address in snapshot.addresses.items():
        if address.status in (200, 404) and not answers_a_form(path):
            yield _of_address(path, address, now, home)
    for path, page in archive.pages.items():
        if path not in snapshot.addresses:
            body = page.body("identity", is_stale=False, now=now)
            yield ExportedFile(
                name=name_of(path, page.page.content_type),
                content_type=page.page.content_type,
                digest=page.page.digest,
                render=_rendering(body, page.page.content_type, home),
            )


def name_of(path: str, content_type: str) -> str:
    """
    >>> name_of("/es/", HTML), name_of("/historial", HTML), name_of("/badge.svg", "image/svg+xml")
    ('es/index.html', 'historial.html', 'badge.svg')
    """
    name = path.removeprefix("/")
    if not name or name.endswith("/"):
        return f"{name}index.html"
    return f"{name}.html" if content_type == HTML else name


def _of_address(path: str, address: Address, now: Second, home: bytes) -> ExportedFile:
    entry, form = address.entry, address.stale
    words = form.words.at(now).tag if isinstance(form, Template) else ""
    body = address.body("identity", is_stale=True, now=now)
    # Words that depend on when they are read are content; the time of the data is not.
    promised = words.removeprefix(form.words.tag) if isinstance(form, Template) else ""
    return ExportedFile(
        name=name_of(path, entry.content_type),
        content_type=entry.content_type,
        digest=f"{entry.stale.digest}{promised}{_EDITION}",
        render=_rendering(body, entry.content_type, home, entry.language),
        is_dated=isinstance(form, Template),
        is_news=path.endswith("/") or path.startswith("/api/"),
    )


def _rendering(
    body: Body, content_type: str, home: bytes, language: str | None = None
) -> Callable[[], bytes]:
    """Without its language it has no form in which something is written, as what is over."""
    words = b"" if language is None else escaped(PAGE[Lang(language)].form_at_page).encode()

    def leading(form: re.Match[bytes]) -> bytes:
        return b'<p class="card"><a href="%b%b">%b</a></p>' % (home, form[1], words)

    def render() -> bytes:
        content = _bytes(body.content)
        if content_type != HTML:
            return content
        led = _WRITING.sub(leading, content) if words else content
        return led.replace(_FORM, b' action="' + home + b"/")

    return render


def _bytes(content: bytes | Renderable) -> bytes:
    return content if isinstance(content, bytes) else content.render()
