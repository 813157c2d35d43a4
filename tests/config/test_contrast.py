"""A colour that cannot be read is refused, and the nearest that can is named."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.contrast import NEEDED, THEMES, ratio_of, unreadable
from statuspage.parts.assets import static_file

COLOURS = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@pytest.mark.parametrize("theme", THEMES)
def test_the_products_own_links_can_be_read(theme: str) -> None:
    own = {"light": "#0a4ea6", "dark": "#8ab9ff"}[theme]
    assert unreadable(own, THEMES[theme]) is None


@pytest.mark.parametrize("theme", THEMES)
@given(colour=COLOURS)
def test_the_nearest_can_be_read_and_one_that_can_is_left_alone(theme: str, colour: str) -> None:
    found = unreadable(colour, THEMES[theme])
    met = (*THEMES[theme].backgrounds, THEMES[theme].on)
    least = min(ratio_of(colour, other) for other in met)
    assert (found is None) == (least >= NEEDED)
    if found is not None:
        assert found.ratio == pytest.approx(least)
        assert unreadable(found.nearest, THEMES[theme]) is None


@pytest.mark.parametrize(("theme", "place"), [("light", 0), ("dark", 1)])
def test_the_themes_are_those_of_the_page(theme: str, place: int) -> None:
    """The first `:root` of the style sheet is the light theme, the second the dark one."""
    css = static_file("page.css").decode()
    tokens = re.findall(r":root\{(.*?)\n\}", css, re.DOTALL)[place]
    values = dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", tokens))
    whole = {name: _whole(value) for name, value in values.items()}
    tints = [value for name, value in whole.items() if name.endswith("-t")]
    assert sorted(THEMES[theme].backgrounds) == sorted([whole["bg"], whole["card"], *tints])
    assert THEMES[theme].on == whole["on"]


def _whole(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * digit for digit in colour[1:])
