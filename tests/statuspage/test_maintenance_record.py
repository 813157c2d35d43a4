"""What became of maintenance stays on its page, in the history and in the API, step by step."""

from __future__ import annotations

import json
from typing import Any

import pytest

from monitor.domain.maintenance import Extension
from monitor.domain.time.interval import Second
from monitor.i18n.formats import NBSP
from statuspage.publish.render import render
from statuspage.publish.rendered import Rendered
from statuspage.view.model import PublicMaintenance, PublicView
from tests.statuspage.builders import at, component, service, view, window
from tests.statuspage.reading import Document, old_form, text_of

A = component("a", "Servidor web 1")
CANCELLED = at("13:00")


def seen(*windows: PublicMaintenance) -> PublicView:
    return view(service("s", "S", A), maintenance=windows)


def to_come(cancelled_at: Second | None = None, *extensions: Extension) -> PublicMaintenance:
    start, end = at("02:00", day="2026-04-19"), at("04:00", day="2026-04-19")
    return window(
        "m1", "Cambio de disco", start, end, A, cancelled_at=cancelled_at, extensions=extensions
    )


def under_way(*extensions: Extension, cancelled_at: Second | None = None) -> PublicMaintenance:
    return window(
        "m1", "Cambio de disco", at("13:00"), at("15:00"), A, cancelled_at=cancelled_at,
        extensions=extensions,
    )  # fmt: skip


def longer(public: str) -> Extension:
    return Extension(start=at("15:00"), end=at("16:30"), published_at=at(public))


def words(rendered: dict[str, Rendered], path: str) -> str:
    return Document.parse(rendered[path].fresh.content).text().replace(NBSP, " ")


def record(rendered: dict[str, Rendered], path: str) -> list[str]:
    (log,) = Document.parse(rendered[path].fresh.content).with_class("log")
    return [text_of(next(li.iter("h3"))) for li in log]


def api(said: PublicView, name: str) -> Any:
    return json.loads(render(said)[f"/api/v2/{name}.json"].fresh.content)


def test_a_cancelled_one_keeps_its_page_and_says_so() -> None:
    rendered = render(seen(to_come(CANCELLED)))
    said = words(rendered, "/mantenimiento/m1")
    assert (
        "Cancelado: no se hace. Estaba previsto para el domingo 19 de abril, de 02:00 a 04:00."
        in said
    )
    assert record(rendered, "/mantenimiento/m1") == ["Cancelado", "Anunciado"]
    assert "Cancelled: it is not done." in words(rendered, "/en/maintenance/m1")
    assert "Qué hacer" not in said


def test_a_cancelled_one_stands_in_the_history_on_the_day_of_that() -> None:
    rendered = render(seen(to_come(CANCELLED)))
    said = words(rendered, "/historial")
    assert (
        "Jueves 16Cambio de discoMantenimiento cancelado. Estaba previsto para el domingo 19"
        in said
    )


def test_home_says_until_its_end_would_have_come_that_it_is_cancelled() -> None:
    assert "Mantenimiento cancelado" in words(render(seen(to_come(CANCELLED))), "/es/")
    over = window(
        "m1", "Cambio", at("02:00"), at("04:00"), A, cancelled_at=at("23:00", day="2026-04-14")
    )
    home = Document.parse(render(seen(over))["/es/"].fresh.content)
    assert not home.with_class("notice")


@pytest.mark.parametrize(
    ("cancelled", "is_shown"),
    [("2026-04-13", False), ("2026-04-14", True)],
    ids=["four days ago", "two days ago"],
)
def test_home_does_not_tell_for_months_of_a_date_that_was_mistyped(
    cancelled: str, is_shown: bool
) -> None:
    wrong = window(
        "m1", "Cambio", at("02:00", day="2027-04-19"), at("04:00", day="2027-04-19"), A,
        cancelled_at=at("10:00", day=cancelled), published_at=at("09:00", day="2026-04-12"),
    )  # fmt: skip
    home = Document.parse(render(seen(wrong))["/es/"].fresh.content)
    assert bool(home.with_class("notice")) is is_shown


def test_home_tells_of_it_again_on_its_eve() -> None:
    long_ago = window(
        "m1", "Cambio", at("02:00", day="2026-04-17"), at("04:00", day="2026-04-17"), A,
        cancelled_at=at("10:00", day="2026-03-02"), published_at=at("09:00", day="2026-03-01"),
    )  # fmt: skip
    assert Document.parse(render(seen(long_ago))["/es/"].fresh.content).with_class("notice")


def test_what_was_ended_early_says_when_it_ended_and_when_it_was_to_end() -> None:
    rendered = render(seen(under_way(cancelled_at=at("14:10"))))
    said = words(rendered, "/mantenimiento/m1")
    assert "Terminado: jueves 16 de abril, de 13:00 a 14:10. Terminó antes de lo previsto," in said
    assert "que era a las 15:00." in said
    assert record(rendered, "/mantenimiento/m1") == [
        "Terminado", "En curso", "Recordatorio", "Anunciado",
    ]  # fmt: skip
    assert "de 13:00 a 14:10. Terminó antes de lo previsto" in words(rendered, "/historial")


def test_what_is_extended_says_until_when_and_what_it_was() -> None:
    rendered = render(seen(under_way(longer("14:20"))))
    said = words(rendered, "/mantenimiento/m1")
    assert "En curso: jueves 16 de abril, de 13:00 a 16:30. Iba a terminar a las 15:00" in said
    assert "se prevé que termine a las 16:30 del jueves 16 de abril" in said
    assert record(rendered, "/mantenimiento/m1") == [
        "Extendido", "En curso", "Recordatorio", "Anunciado",
    ]  # fmt: skip
    assert "Iba a terminar a las 15:00 y se extendió." in words(rendered, "/es/")


def test_the_history_says_of_work_under_way_that_it_is() -> None:
    said = words(render(seen(under_way())), "/historial")
    assert "Mantenimiento en curso, de 13:00 a 15:00" in said
    assert "Mantenimiento programado" not in said


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (to_come(), "A esa hora estaba previsto para el domingo 19 de abril, de 02:00 a 04:00."),
        (under_way(), "A esa hora estaba en curso: jueves 16 de abril, de 13:00 a 15:00."),
    ],
)
def test_once_the_data_is_old_nobody_knows_what_became_of_it(
    work: PublicMaintenance, said: str
) -> None:
    page = Document.parse(old_form(render(seen(work))["/mantenimiento/m1"])).text()
    assert said in page.replace(NBSP, " ")
    assert "Está previsto" not in page


def test_old_data_does_not_say_when_work_ends() -> None:
    home = Document.parse(old_form(render(seen(under_way()))["/es/"])).text()
    assert "Iba a terminar a las 15:00" in home
    assert "Termina a las" not in home


def test_a_card_names_the_services_and_what_to_do() -> None:
    (card,) = Document.parse(render(seen(to_come()))["/es/"].fresh.content).with_class("notice")
    said = text_of(card)
    assert "ServiciosServidor web 1" in said
    assert "Qué hacerNo hace falta que haga nada." in said


@pytest.mark.parametrize(
    ("planned", "status", "ids"),
    [
        (to_come(), "scheduled", ["m1-announced"]),
        (to_come(CANCELLED), "completed", ["m1-cancelled", "m1-announced"]),
        (under_way(longer("14:20")), "in_progress",
         ["m1-extended-1", "m1-started", "m1-announced"]),
        (under_way(cancelled_at=at("14:10")), "completed",
         ["m1-ended", "m1-started", "m1-announced"]),
    ],
)  # fmt: skip
def test_the_api_has_an_update_of_its_own_for_each_step(
    planned: PublicMaintenance, status: str, ids: list[str]
) -> None:
    (shown,) = api(seen(planned), "scheduled-maintenances")["scheduled_maintenances"]
    assert shown["status"] == status
    found = [u["id"] for u in shown["incident_updates"]]
    assert [i for i in found if not i.endswith("reminded")] == ids
    assert shown["updated_at"] == shown["incident_updates"][0]["created_at"]
    assert shown["incident_updates"][0]["status"] == status
    assert (shown["resolved_at"] is None) == (status != "completed")
    assert shown["started_at"] <= shown["created_at"]


def test_the_api_says_in_words_that_it_was_cancelled() -> None:
    (shown,) = api(seen(to_come(CANCELLED)), "scheduled-maintenances")["scheduled_maintenances"]
    assert shown["incident_updates"][0]["body"].startswith("Se canceló: no se hace.")
    assert api(seen(to_come(CANCELLED)), "summary")["scheduled_maintenances"] == []


def test_bars_show_no_work_that_never_took_place() -> None:
    never = window(
        "m1", "Cambio", at("02:00"), at("04:00"), A, cancelled_at=at("23:00", day="2026-04-14")
    )
    rendered = render(seen(never))["/componente/a"].fresh.content
    assert rendered.count(b"b-maint") == 1  # The legend's.


def test_what_is_said_of_it_is_escaped() -> None:
    hostile = window("m1", "<b>", at("13:00"), at("15:00"), A, impact="<i>x</i>")
    content = render(seen(hostile))["/mantenimiento/m1"].fresh.content
    assert b"<i>x" not in content
