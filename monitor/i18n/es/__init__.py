"""Every sentence in Spanish."""

from __future__ import annotations

from monitor.i18n.es.answer import ANSWER
from monitor.i18n.es.customers import AFFECTED, PROBLEMS
from monitor.i18n.es.incidents import INCIDENTS
from monitor.i18n.es.page import PAGE
from monitor.i18n.es.subscribers import SUBSCRIBERS
from monitor.i18n.es.symptoms import SYMPTOMS
from monitor.i18n.forms.language import Addresses, Formats, Language

LANGUAGE = Language(
    formats=Formats(
        months=(
            "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
            "octubre", "noviembre", "diciembre",
        ),
        weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
        has_capital_weekdays=False,
        on_weekday=("el {d}",) * 7,
        and_=" y ",
        and_before_i=" e ",
        thousands=".",
        decimal=",",
        percent="{p}\u00a0%",
        hours=("hora", "horas"),
        minutes=("minuto", "minutos"),
        seconds=("segundo", "segundos"),
        day_of_month="{d} de {m}",
        weekday_and_day="{w} {d}",
        with_year=" de {y}",
    ),
    addresses=Addresses(
        home="/es/",
        history="/historial",
        availability="/disponibilidad",
        component="/componente/",
        incident="/incidente/",
        maintenance="/mantenimiento/",
        badge="/badge",
        embed="/es/insertar",
        calendar="/mantenimiento.ics",
        subscribe="/suscripcion",
        confirm="/suscripcion/confirmar",
        unsubscribe="/suscripcion/baja",
        affected="/me-afecta",
        problem="/informar",
        problem_received="/informar/recibido",
    ),
    page=PAGE,
    answer=ANSWER,
    incidents=INCIDENTS,
    symptoms=SYMPTOMS,
    subscribers=SUBSCRIBERS,
    affected=AFFECTED,
    problems=PROBLEMS,
)  # fmt: skip
