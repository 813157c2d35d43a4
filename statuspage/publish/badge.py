"""A badge: a label and a state, as a small picture for other people's pages.

It has no style sheet and no font of its own. Each text says how wide it is, so that it fills its
part of the picture in whatever font there is; the widths are those of Verdana.
"""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import category, east_asian_width, normalize

from monitor.domain.rollup import Shown
from statuspage.parts.html import escaped, xml_text

MOST_CHARACTERS = 40
"""Longer texts are cut in the picture; its title has the whole."""
_HEIGHT, _PADDING, _FONT_SIZE = 20, 6, 11
_LABEL_COLOUR = "#2b323c"
COLOURS = {
    Shown.OPERATIONAL: "#0b6640",
    Shown.SLOW: "#7a4f00",
    Shown.REPAIR: "#963600",
    Shown.DOWN: "#a30f1d",
    Shown.MAINTENANCE: "#1c4b9f",
    Shown.NO_DATA: "#566070",
}
"""Behind white text."""
_WIDTHS = {
    27: "ijl'",
    36: "ft ,.",
    45: "r!()-/:;[]|IJ",
    52: "csz?",
    60: "abdeghknopquvxyPLF$_",
    65: "ABCEKRSTVXYZ0123456789*",
    77: "DGHNOQUw+<=>#~^&",
    98: "mMW@%",
}
"""Hundredths of the font's size, and the characters that are about so wide."""
_WIDTH_OF = {character: width for width, found in _WIDTHS.items() for character in found}
_OTHER, _WIDE = 70, 110


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """`label` says what the state is of, `message` what it is."""

    label: str
    message: str
    shown: Shown
    lang: str


def drawn(badge: Badge) -> bytes:
    """An SVG document."""
    title = escaped(xml_text(f"{badge.label}: {badge.message}"))
    label, message = _cut(badge.label), _cut(badge.message)
    left, right = _box(label), _box(message)
    end = right - 3
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{_HEIGHT}"'
        f' role="img" aria-label="{title}" lang="{badge.lang}"><title>{title}</title>'
        f'<rect width="{left + right}" height="{_HEIGHT}" rx="3" fill="{_LABEL_COLOUR}"/>'
        f'<path fill="{COLOURS[badge.shown]}" d="M{left} 0h{end}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3'
        f'h-{end}z"/><g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif"'
        f' font-size="{_FONT_SIZE}">{_text(label, _PADDING)}{_text(message, left + _PADDING)}'
        "</g></svg>\n"
    ).encode()


def width_of(text: str) -> int:
    """Pixels, about as wide as the text is in Verdana.

    >>> width_of("Operativo"), width_of("En reparación")
    (54, 76)
    """
    hundredths = sum(map(_width, normalize("NFD", text)))
    return -(-hundredths * _FONT_SIZE // 100)


def _width(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    if east_asian_width(character) in "WF":
        return _WIDE
    return _WIDTH_OF.get(character, _OTHER)


def _box(text: str) -> int:
    return width_of(text) + 2 * _PADDING


def _cut(text: str) -> str:
    """On one line, and not longer than a badge may be."""
    words = " ".join(xml_text(text).split())
    return words if len(words) <= MOST_CHARACTERS else words[: MOST_CHARACTERS - 1] + "…"


def _text(text: str, x: int) -> str:
    return (
        f'<text x="{x}" y="14" textLength="{width_of(text)}" lengthAdjust="spacingAndGlyphs">'
        f"{escaped(text)}</text>"
    )
