"""Whether a colour can be read on the page: contrast as WCAG 2.2 (1.4.3) has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NEEDED = 4.5
"""For text of any size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """`backgrounds` are those on which links stand: the page, cards, and the tints of states. `on`
    is the text on a button, whose colour is the link's."""

    backgrounds: tuple[str, ...]
    on: str


THEMES: Mapping[str, Theme] = {
    "light": Theme(
        backgrounds=(
            "#f3f5f7", "#ffffff", "#e3f4ea", "#fcf0d6", "#fdebdd", "#fde6e7", "#e5edfc", "#e9ecf1",
        ),
        on="#ffffff",
    ),
    "dark": Theme(
        backgrounds=(
            "#0d1015", "#161a21", "#11271d", "#2b2210", "#2f1d12", "#331719", "#152238", "#20262f",
        ),
        on="#0d1015",
    ),
}  # fmt: skip
"""As `page.css` has them; a test compares the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A colour's least contrast with what it meets in a theme, and the nearest colour of its hue
    that has enough."""

    against: str
    ratio: float
    nearest: str


def unreadable(colour: str, theme: Theme) -> Unreadable | None:
    """What is wrong with a colour `#rrggbb` of links and buttons; None where it can be read.

    >>> unreadable("#0a4ea6", THEMES["light"])
    >>> unreadable("#ff6600", THEMES["light"]).nearest
    '#b54800'
    """
    ratio, against = _least(colour, theme)
    if ratio >= NEEDED:
        return None
    nearest = next(near for near in _towards(colour, theme) if _least(near, theme)[0] >= NEEDED)
    return Unreadable(against=against, ratio=ratio, nearest=nearest)


def ratio_of(one: str, other: str) -> float:
    """
    >>> round(ratio_of("#000000", "#ffffff"), 1)
    21.0
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _least(colour: str, theme: Theme) -> tuple[float, str]:
    return min((ratio_of(colour, met), met) for met in (*theme.backgrounds, theme.on))


def _towards(colour: str, theme: Theme) -> Iterator[str]:
    """The colour, darker and darker on a light page, lighter and lighter on a dark one."""
    end = 0 if _luminance(theme.backgrounds[0]) > _luminance("#777777") else 255
    for step in range(256):
        mixed = (round(c + (end - c) * step / 255) for c in _channels(colour))
        yield "#" + "".join(f"{c:02x}" for c in mixed)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(c / 255) for c in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
