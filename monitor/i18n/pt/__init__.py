"""Every sentence that the public reads in Portuguese, as it is written in Brazil."""

from __future__ import annotations

from monitor.i18n.forms.language import Addresses, Formats, Language
from monitor.i18n.pt.answer import ANSWER
from monitor.i18n.pt.customers import AFFECTED, PROBLEMS
from monitor.i18n.pt.incidents import INCIDENTS
from monitor.i18n.pt.page import PAGE
from monitor.i18n.pt.subscribers import SUBSCRIBERS
from monitor.i18n.pt.symptoms import SYMPTOMS

LANGUAGE = Language(
    formats=Formats(
        months=(
            "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto",
            "setembro", "outubro", "novembro", "dezembro",
        ),
        weekdays=(
            "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira",
            "sábado", "domingo",
        ),
        has_capital_weekdays=False,
        on_weekday=("na {d}",) * 5 + ("no {d}",) * 2,
        and_=" e ",
        and_before_i=" e ",
        thousands=".",
        decimal=",",
        percent="{p}%",
        hours=("hora", "horas"),
        minutes=("minuto", "minutos"),
        seconds=("segundo", "segundos"),
        day_of_month="{d} de {m}",
        weekday_and_day="{w}, {d}",
        with_year=" de {y}",
    ),
    addresses=Addresses(
        home="/pt/",
        history="/pt/historico",
        availability="/pt/disponibilidade",
        component="/pt/componente/",
        incident="/pt/incidente/",
        maintenance="/pt/manutencao/",
        badge="/pt/badge",
        embed="/pt/incorporar",
        calendar="/pt/manutencao.ics",
        subscribe="/pt/assinatura",
        confirm="/pt/assinatura/confirmar",
        unsubscribe="/pt/assinatura/cancelar",
        affected="/pt/me-afeta",
        problem="/pt/informar",
        problem_received="/pt/informar/recebido",
    ),
    page=PAGE,
    answer=ANSWER,
    incidents=INCIDENTS,
    symptoms=SYMPTOMS,
    subscribers=SUBSCRIBERS,
    affected=AFFECTED,
    problems=PROBLEMS,
)  # fmt: skip
