"""What a copy elsewhere has of the page: nothing that speaks to who has just sent a form."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.domain.rollup import Shown
from monitor.i18n.languages import Lang
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from statuspage.serve.archive import NO_ARCHIVE
from statuspage.serve.export import exported
from statuspage.serve.snapshot import load
from tests.statuspage.builders import showing

ROOT = "https://estado.example"


def test_a_copy_has_the_forms_and_no_answer_to_them(tmp_path: Path) -> None:
    shown = showing(Shown.DOWN)
    page = replace(shown.page, locales=tuple(Lang), problem_form=True)
    view = replace(shown, page=page, takes_subscribers=True)
    publish(tmp_path, render(view), view.at, view.stale_after)
    snapshot = load((tmp_path / "current").resolve())
    files = {f.name: f for f in exported(snapshot, NO_ARCHIVE, view.at, ROOT)}
    forms = {
        "informar.html", "en/report.html", "pt/informar.html",
        "suscripcion.html", "en/subscribe.html", "pt/assinatura.html",
    }  # fmt: skip
    assert forms <= files.keys()
    below = tuple(f"{name.removesuffix('.html')}/" for name in forms)
    assert [name for name in files if name.startswith(below)] == []
    assert f'action="{ROOT}/informar"'.encode() in files["informar.html"].render()
