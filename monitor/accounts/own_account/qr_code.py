"""An address as a picture that a telephone reads, to stand inside a page."""

from __future__ import annotations


def qr_code(text: str) -> str:
    """SVG, black on white in any theme, with the quiet zone that readers want."""
    # Imported here: few requests need it.
    import segno

    return segno.make(text, error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=True, svgclass="", lineclass=""
    )
