"""The first row of the table that applies speaks, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.domain.checks.observation import Outcome
from monitor.domain.rollup import Shown
from monitor.i18n.formats import Lang
from statuspage.parts.answer import answer
from tests.statuspage.builders import THURSDAY, at, component, service, showing, view

OK, DOWN, REPAIR, SLOW = Shown.OPERATIONAL, Shown.DOWN, Shown.REPAIR, Shown.SLOW
MAINT, BLIND = Shown.MAINTENANCE, Shown.NO_DATA
OURS = "Si usa este servicio, el problema es nuestro."
ENDS = at("16:00")


def said(*shown: Shown, lang: Lang = Lang.ES) -> tuple[str, str]:
    base = showing(*shown)
    members = [
        replace(c, maintenance_until=ENDS if c.shown is MAINT else None)
        for c in base.services[0].components
    ]
    found = answer(view(service("all", "Todo", *members)), lang)
    return found.title, found.lead


@pytest.mark.parametrize(
    ("shown", "title", "lead"),
    [
        ([OK, OK], "Todos los servicios están estables.",
         "Nuestros controles no ven ninguna falla. Si algo no le funciona, vea qué hacer."),
        ([BLIND, BLIND], "Ahora no podemos comprobar los servicios.",
         "Falla nuestro control; eso no significa que estén caídos."),
        ([DOWN, DOWN, OK], "Hay una falla general.", "El problema es nuestro."),
        ([DOWN, REPAIR, OK], "Hay una falla general.", "El problema es nuestro."),
        ([DOWN, OK], "El servicio A no funciona.", f"{OURS} El resto está estable."),
        ([DOWN, DOWN, OK, OK], "A y B no funcionan.",
         "Si usa estos servicios, el problema es nuestro. El resto está estable."),
        ([DOWN, DOWN, DOWN, OK, OK, OK], "3 servicios no funcionan.",
         "Si usa estos servicios, el problema es nuestro. El resto está estable."),
        ([OK, REPAIR], "Estamos reparando B.", f"{OURS} El resto está estable."),
        ([SLOW, OK], "El servicio A funciona con lentitud.",
         "Si lo nota lento, el problema es nuestro. El resto está estable."),
        ([SLOW, SLOW], "A y B funcionan con lentitud.",
         "Si los nota lentos, el problema es nuestro."),
        ([MAINT, OK], "Hay mantenimiento en A.",
         "Estaba previsto y termina a las 16:00. El resto está estable."),
        ([BLIND, OK], "No tenemos datos de A.",
         "Puede estar funcionando. El resto está estable."),
        ([REPAIR, SLOW, MAINT, OK], "Estamos reparando A.",
         f"{OURS} Además, el servicio B funciona con lentitud y hay mantenimiento en C. "
         "El resto está estable."),
        ([DOWN, BLIND, SLOW, REPAIR, MAINT, OK], "El servicio A no funciona.",
         f"{OURS} Además, estamos reparando D, el servicio C funciona con lentitud, hay "
         "mantenimiento en E y no tenemos datos de B. El resto está estable."),
    ],
)  # fmt: skip
def test_it_says_the_first_row_that_applies(shown: list[Shown], title: str, lead: str) -> None:
    assert said(*shown) == (title, lead)


@pytest.mark.parametrize(
    ("shown", "title", "lead"),
    [
        ([OK], "All services are stable.",
         "Our checks see no failure. If something fails for you, see what to do."),
        ([BLIND], "We cannot check the services now.",
         "Our monitoring failed; that does not mean they are down."),
        ([DOWN, DOWN, OK], "There is a general outage.", "The problem is ours."),
        ([DOWN, SLOW, MAINT, OK], "The service A is not working.",
         "If you use this service, the problem is ours. Also, the service B is slow and the "
         "service C is under maintenance. The rest is stable."),
        ([SLOW, OK], "The service A is slow.",
         "If it feels slow, the problem is ours. The rest is stable."),
        ([MAINT, OK], "The service A is under maintenance.",
         "Planned; it ends at 16:00. The rest is stable."),
        ([BLIND, OK], "We have no data on A.", "It may be working. The rest is stable."),
    ],
)  # fmt: skip
def test_it_says_the_same_in_english(shown: list[Shown], title: str, lead: str) -> None:
    assert said(*shown, lang=Lang.EN) == (title, lead)


def test_it_says_first_of_all_that_the_data_is_old() -> None:
    found = answer(showing(DOWN), Lang.ES, is_stale=True)
    assert found.title == "Estos datos son de las 14:35."
    assert found.lead == "La página no se actualiza: lo que sigue puede haber cambiado."
    assert found.shown is Shown.NO_DATA


def test_it_calls_half_of_them_down_no_general_outage() -> None:
    assert said(DOWN, OK)[0] == "El servicio A no funciona."


def test_it_counts_a_slow_one_under_repair_as_no_outage() -> None:
    slow_under_repair = component("a", "A", REPAIR, beneath=Outcome.DEGRADED)
    assert answer(view(service("s", "S", slow_under_repair)), Lang.ES).title == (
        "Estamos reparando A."
    )


def test_it_names_the_day_on_which_maintenance_ends() -> None:
    ends = at("02:00", day="2026-04-17")
    a = component("a", "A", MAINT, maintenance_until=ends, now=THURSDAY)
    lead = answer(view(service("s", "S", a)), Lang.ES).lead
    assert lead == "Estaba previsto y termina el viernes 17 de abril a las 02:00."


def test_it_never_calls_nothing_stable() -> None:
    assert answer(view(), Lang.ES).title == "Ahora no podemos comprobar los servicios."


def test_it_links_to_what_to_do_only_when_all_is_well() -> None:
    assert answer(showing(OK), Lang.ES).link == "vea qué hacer"
    assert answer(showing(DOWN, OK), Lang.ES).link == ""
