"""Sheets as a PDF. Equal sheets give equal bytes: no time of making and no random id is in it.

The library is an extra of the installation; importing this module without it raises ImportError.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from reportlab.graphics.shapes import Drawing, Line, Rect, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

from credits.paper.contents import Bar, Grid, Picture, Section, Sheet
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAPER

_FONT, _BOLD = "Vera", "VeraBd"
_INK, _MUTED, _RULE = (
    colors.HexColor("#1b1f24"),
    colors.HexColor("#57606a"),
    colors.HexColor("#d0d7de"),
)
_FILL = {
    "down": colors.HexColor("#b42318"),
    "excluded": colors.HexColor("#8c959f"),
    "unknown": colors.HexColor("#d4a72c"),
}
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_NAMES = 42 * mm
_ROW = 5.2 * mm
_ROWS = 300
_THINNEST = 0.8
"""Points: an outage of a minute is to be seen in a month."""


def pdf_of(sheets: Sequence[Sheet], lang: Lang) -> bytes:
    """One file; each sheet begins on a page of its own."""
    _register_fonts()
    out = io.BytesIO()
    made = BaseDocTemplate(
        out, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN,
        bottomMargin=_MARGIN, title=sheets[0].title, author=sheets[0].subtitle[0], invariant=1,
        lang=lang.value,
    )  # fmt: skip
    frame = Frame(_MARGIN, _MARGIN, _WIDTH, A4[1] - 2 * _MARGIN, 0, 0, 0, 0)
    made.addPageTemplates(PageTemplate(frames=[frame], onPage=_footer(sheets[0].footer, lang)))
    flow: list[Any] = []
    for place, sheet in enumerate(sheets):
        flow += [PageBreak()] if place else []
        flow += _sheet(sheet, lang)
    made.build(flow)
    return out.getvalue()


def _sheet(sheet: Sheet, lang: Lang) -> Iterator[Any]:
    yield Paragraph(_text(sheet.title), _style("title"))
    for line in sheet.subtitle:
        yield Paragraph(_text(line), _style("muted"))
    for section in sheet.sections:
        yield from _section(section, lang)


def _section(section: Section, lang: Lang) -> Iterator[Any]:
    """The heading stays with what follows it."""
    head: list[Any] = [Spacer(1, 5 * mm), Paragraph(_text(section.title), _style("heading"))]
    head += [Paragraph(_text(line), _style("plain")) for line in section.lines]
    if section.picture is not None:
        head += [Spacer(1, 1.5 * mm), _drawing(section.picture, lang), Spacer(1, 2 * mm)]
    yield KeepTogether(head)
    if section.grid is not None:
        yield Spacer(1, 1 * mm)
        yield from _tables(section.grid)


def _tables(grid: Grid) -> Iterator[Table]:
    """Some hundred rows each: where a table ends on its page is looked for from its beginning."""
    widths = _widths(grid)
    for start in range(0, len(grid.rows), _ROWS):
        yield _table(replace(grid, rows=grid.rows[start : start + _ROWS]), widths)


def _table(grid: Grid, widths: Sequence[float]) -> Table:
    first = len(grid.head) - grid.right
    cells = [[Paragraph(_text(c), _cell(i >= first, bold=True)) for i, c in enumerate(grid.head)]]
    cells += [[Paragraph(_text(c), _cell(i >= first)) for i, c in enumerate(r)] for r in grid.rows]
    table = Table(cells, colWidths=list(widths), repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, _INK),
                ("LINEBELOW", (0, 1), (-1, -1), 0.3, _RULE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
            ]
        )
    )
    return table


def _widths(grid: Grid) -> list[float]:
    """By what a column has to hold: none is narrower than its longest word, as far as there is
    room, and the rest is shared by length."""
    texts = [[row[i] for row in (grid.head, *grid.rows)] for i in range(len(grid.head))]
    least = [max(max(map(_width, text.split(" ")), default=0) for text in own) + 6 for own in texts]
    wanted = [max(map(_width, own)) + 6 for own in texts]
    if sum(wanted) <= _WIDTH:
        spare = (_WIDTH - sum(wanted)) / len(wanted)
        return [width + spare for width in wanted]
    spare, missing = max(0.0, _WIDTH - sum(least)), sum(wanted) - sum(least)
    widths = [low + (high - low) * spare / missing for low, high in zip(least, wanted, strict=True)]
    scale = min(1.0, _WIDTH / sum(widths))
    return [width * scale for width in widths]


def _width(text: str) -> float:
    found: float = pdfmetrics.stringWidth(text, _BOLD, 7.5)
    return found


def _drawing(picture: Picture, lang: Lang) -> Drawing:
    """A row for each component, a line for each midnight, and what the colours mean."""
    height = _ROW * len(picture.rows)
    drawing = Drawing(_WIDTH, height + 11 * mm)
    low = 7 * mm
    for midnight, day in picture.days:
        x = _x(picture, midnight)
        drawing.add(Line(x, low, x, low + height, strokeColor=_RULE, strokeWidth=0.3))
        drawing.add(
            String(x + 1, low + height + 2, day, fontName=_FONT, fontSize=5.5, fillColor=_MUTED)
        )
    for place, (name, bars) in enumerate(picture.rows):
        y = low + height - (place + 1) * _ROW
        drawing.add(Line(0, y, _WIDTH, y, strokeColor=_RULE, strokeWidth=0.3))
        drawing.add(
            String(0, y + 1.5 * mm, _fitting(name), fontName=_FONT, fontSize=7, fillColor=_INK)
        )
        for bar in bars:
            drawing.add(_bar(picture, bar, y))
    _add_legend(drawing, picture, lang)
    return drawing


def _bar(picture: Picture, bar: Bar, y: float) -> Rect:
    left, right = _x(picture, bar.span.start), _x(picture, bar.span.end)
    fill = _FILL[bar.kind]
    width = max(_THINNEST, right - left)
    return Rect(left, y + 1 * mm, width, _ROW - 2 * mm, fillColor=fill, strokeColor=None)


def _x(picture: Picture, second: int) -> float:
    share: float = (second - picture.window.start) / picture.window.seconds
    place: float = _NAMES + (_WIDTH - _NAMES) * min(1.0, max(0.0, share))
    return place


def _add_legend(drawing: Drawing, picture: Picture, lang: Lang) -> None:
    words = PAPER[lang]
    named = {
        "down": words.legend_down, "excluded": words.legend_excluded,
        "unknown": words.legend_unknown,
    }  # fmt: skip
    x = _NAMES
    shown = {bar.kind for _, bars in picture.rows for bar in bars}
    for kind, label in named.items():
        if kind in shown:
            drawing.add(Rect(x, 1.5 * mm, 3 * mm, 2 * mm, fillColor=_FILL[kind], strokeColor=None))
            x += 4 * mm
            drawing.add(_label(x, 1.5 * mm, label, 6.5))
            x += _width(label) + 4 * mm


def _label(x: float, y: float, text: str, size: float, colour: Any = _MUTED) -> String:
    return String(x, y, text, fontName=_FONT, fontSize=size, fillColor=colour)


def _fitting(name: str) -> str:
    """As much of a name as stands beside its row."""
    text = _known(name)
    while pdfmetrics.stringWidth(text, _FONT, 7) > _NAMES - 2 * mm:
        text = text.rstrip("…")[:-1] + "…"
    return text


def _footer(text: str, lang: Lang) -> Any:
    def draw(canvas: Any, _: Any) -> None:
        canvas.saveState()
        canvas.setFont(_FONT, 6)
        canvas.setFillColor(_MUTED)
        canvas.drawString(_MARGIN, 10 * mm, _known(text))
        said = PAPER[lang].page.format(n=canvas.getPageNumber())
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, said)
        canvas.restoreState()

    return draw


@lru_cache(maxsize=32)
def _style(name: str) -> ParagraphStyle:
    size, leading, font, colour = {
        "title": (15, 19, _BOLD, _INK),
        "heading": (10, 13, _BOLD, _INK),
        "muted": (8, 11, _FONT, _MUTED),
        "plain": (8, 11, _FONT, _INK),
    }[name]
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=leading, textColor=colour,
        spaceAfter={"title": 4, "heading": 2}.get(name, 0),
    )  # fmt: skip


def _cell(is_right: bool, *, bold: bool = False) -> ParagraphStyle:
    return _cell_style(is_right, bold)


@lru_cache(maxsize=4)
def _cell_style(is_right: bool, bold: bool) -> ParagraphStyle:
    return ParagraphStyle(
        "cell", fontName=_BOLD if bold else _FONT, fontSize=7.5, leading=9.5, textColor=_INK,
        alignment=2 if is_right else 0, splitLongWords=1,
    )  # fmt: skip


def _text(text: str) -> str:
    """Customers' words are words: nothing of them is markup."""
    return escape(_known(text))


def _known(text: str) -> str:
    """What the font has no sign for is a box on paper: a question mark says that it is missing."""
    signs = _signs()
    return "".join(c if ord(c) in signs or c.isspace() else "?" for c in text)


@lru_cache(maxsize=1)
def _signs() -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(_FONT).face.charToGlyph)


@lru_cache(maxsize=1)
def _register_fonts() -> None:
    for name in (_FONT, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
