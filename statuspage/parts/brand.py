"""The looks of a brand's page: its logo, and what its colours change."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from monitor.domain.catalogue import BrandPage

LOGOS = ("/logo.svg", "/logo.png")
_LOGO = (
    ".brand{display:flex;align-items:center}"
    ".logo{height:2rem;width:auto;max-width:11rem;margin-right:.6rem}\n"
)
_LIGHT = ":root{{--link:{colour}}}\n"
_DARK = "@media screen and (prefers-color-scheme:dark){{:root{{--link:{colour}}}}}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logo:
    """At an address of its own: `/logo.svg` or `/logo.png`."""

    path: str
    content: bytes
    is_svg: bool


def logo_of(page: BrandPage | None) -> Logo | None:
    if page is None or not page.logo:
        return None
    kind, _, packed = page.logo.partition(";base64,")
    is_svg = kind.endswith("svg+xml")
    return Logo(
        path=LOGOS[0] if is_svg else LOGOS[1], content=base64.b64decode(packed), is_svg=is_svg
    )


def brand_css(page: BrandPage | None) -> bytes:
    """What stands behind the page's own style sheet; empty where it looks like the company's."""
    if page is None:
        return b""
    light = _LIGHT.format(colour=page.light) if page.light else ""
    dark = _DARK.format(colour=page.dark) if page.dark else ""
    return (light + dark + (_LOGO if page.logo else "")).encode()


def brand_css_url(page: BrandPage | None) -> str:
    """An address that changes with the content; empty where there is none."""
    content = brand_css(page)
    return f"/static/brand.{hashlib.sha256(content).hexdigest()[:12]}.css" if content else ""
