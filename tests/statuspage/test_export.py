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
    view = replace(
        shown, page=page, takes_subscribers=True, answers_names=True,
        subscriber_channels=("webhook", "slack"),
    )  # fmt: skip
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
    asking = files["me-afecta.html"].render()
    assert f'action="{ROOT}/me-afecta"'.encode() in asking
    # What was typed into one that the page takes from itself alone would be refused, and lost.
    told = files["pt/informar.html"].render()
    assert b"<form" not in told
    assert f'<a href="{ROOT}/pt/informar">Esta é uma cópia e não'.encode() in told
    asked = files["suscripcion.html"].render()
    assert b"<form" not in asked
    assert asked.count(f'<a href="{ROOT}/suscripcion">Esta es una copia'.encode()) == 3
