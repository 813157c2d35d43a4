"""Draw the pictures that chats show of a link: one a state and language, by a browser.

    python -m scripts.previews    # needs Chromium, as the tests do

They are kept in the repository: a publication chooses one, and draws none.
"""

from __future__ import annotations

import shutil
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

from monitor.domain.rollup import Shown
from monitor.i18n.languages import Lang
from monitor.i18n.words import PAGE
from statuspage.parts.assets import static_file, templates_folder
from statuspage.parts.state import icon_file, preview_file

WIDTH, HEIGHT = 1200, 630
_COLOURS = {
    Shown.OPERATIONAL: ("#e3f4ea", "#0b6640"),
    Shown.SLOW: ("#fcf0d6", "#7a4f00"),
    Shown.REPAIR: ("#fdebdd", "#963600"),
    Shown.DOWN: ("#fde6e7", "#a30f1d"),
    Shown.MAINTENANCE: ("#e5edfc", "#1c4b9f"),
    Shown.NO_DATA: ("#e9ecf1", "#4a5465"),
}
"""Tint and text of each state, as in `page.css`."""
_PAGE = """<!doctype html><style>
body{{margin:0;width:1200px;height:630px;display:flex;align-items:center;justify-content:center;
gap:64px;background:{tint};color:{ink};font:700 96px/1.1 'DejaVu Sans',sans-serif}}
svg{{width:240px;height:240px;flex:none}} p{{margin:0;max-width:720px}}
</style><body>{icon}<p>{words}</p>"""


def main() -> None:
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for lang in Lang:
            for shown, (tint, ink) in _COLOURS.items():
                words = PAGE[lang].badges[shown]
                page.set_content(
                    _PAGE.format(
                        tint=tint,
                        ink=ink,
                        icon=static_file(icon_file(shown)).decode(),
                        words=escape(words[:1].upper() + words[1:]),
                    )
                )
                file = templates_folder() / "_static" / preview_file(shown, lang)
                page.screenshot(path=Path(file))
        browser.close()


if __name__ == "__main__":
    main()
