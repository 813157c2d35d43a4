"""A form of subscribers once more, with what was typed and what is wrong with it.

The page is published without either; both are filled in at its marks. What was typed is escaped,
stored nowhere and shown to nobody else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from monitor.domain.subscriptions.contact import EMAIL
from monitor.domain.subscriptions.note import Note
from monitor.domain.subscriptions.subscription import MOST_COMPONENTS, Severity
from monitor.i18n.forms.subscribers import NoteWords
from statuspage.pages.marks import CHOSEN, OPENED, TYPED, WRONG
from statuspage.parts.html import escaped, html

_END = b"</form>"
_OF_FIELD = (Note.BAD_ADDRESS, Note.BAD_HOOK)
"""What is wrong with the address itself; anything else is with the form."""
_INVALID = ' aria-invalid="true" aria-describedby="{named}" autofocus'
_TITLE = b"<title>"
_MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What a form was sent with, read by nobody yet."""

    kind: str = EMAIL
    address: str = ""
    components: tuple[str, ...] = ()
    severity: str = Severity.ANY.value
    incident: str = ""


def filled_form(body: bytes | None) -> Filled | None:
    """None where it is no form of ours, or did not come."""
    if body is None:
        return None
    try:
        fields = parse_qs(
            body.decode("utf-8"), max_num_fields=MOST_COMPONENTS + 10, keep_blank_values=True
        )
    except ValueError:
        return None
    kind = fields.get("kind", [EMAIL])[0]
    typed = fields.get("email" if kind == EMAIL else "address", [])
    if len(typed) != 1:
        return None
    return Filled(
        kind=kind,
        address=typed[0],
        components=tuple(fields.get("component", ())),
        severity=fields.get("severity", [Severity.ANY.value])[0],
        incident=fields.get("incident", [""])[0],
    )


def filled_page(page: bytes, form: Filled, note: Note, said: NoteWords) -> bytes | None:
    """The page with that form filled in; None where it has none of that kind."""
    pieces = page.split(_END)
    own = next((n for n, piece in enumerate(pieces) if _is_of(piece, form.kind)), None)
    if own is None:
        return None
    pieces[own] = _filled(pieces[own], form, note, said)
    titled = html("<title>{title} · ", title=said.title).encode()
    return _END.join(pieces).replace(_TITLE, titled, 1)


def _is_of(piece: bytes, kind: str) -> bool:
    return WRONG.encode() in piece and f' id="{escaped(kind)}" '.encode() in piece


def _filled(piece: bytes, form: Filled, note: Note, said: NoteWords) -> bytes:
    is_of_field = note in _OF_FIELD
    named = f"{form.kind}-error"
    typed = html(
        ' value="{address}"{invalid}',
        address=form.address[:_MOST_SHOWN],
        invalid=html(_INVALID, named=named) if is_of_field else "",
    )
    wrong = html(
        '<div id="{named}" role="alert"{focus}><p class="bad">{title}</p><p>{lead}</p></div>',
        named=named,
        focus="" if is_of_field else html(' tabindex="-1" autofocus'),
        title=said.title,
        lead=said.lead,
    )
    filled = piece.replace(WRONG.encode(), wrong.encode()).replace(TYPED.encode(), typed.encode())
    filled = filled.replace(OPENED.encode(), b" open")
    return _chosen(filled, form)


def _chosen(piece: bytes, form: Filled) -> bytes:
    """With the boxes ticked that were, in view."""
    for component in dict.fromkeys(form.components):
        box = html('name="component" value="{id}"', id=component).encode()
        if box in piece:
            piece = piece.replace(box, box + b" checked").replace(CHOSEN.encode(), b" open")
    way = html('name="severity" value="{severity}"', severity=form.severity).encode()
    if way in piece:
        piece = re.sub(rb'(name="severity" value="[a-z]+") checked', rb"\1", piece)
        piece = piece.replace(way, way + b" checked")
    return piece
