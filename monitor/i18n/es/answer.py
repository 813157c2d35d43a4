"""The answer at the top of the page, in Spanish."""

from __future__ import annotations

from monitor.domain.rollup import Shown
from monitor.i18n.forms.answer import AnswerSentences

_OURS = (
    "Si usa este servicio, el problema es nuestro.",
    "Si usa estos servicios, el problema es nuestro.",
)


ANSWER = AnswerSentences(
    stale="Estos datos son de las {t}.",
    stale_lead="La página no se actualiza: lo que sigue puede haber cambiado.",
    all_unknown="Ahora no podemos comprobar los servicios.",
    all_unknown_lead="Falla nuestro control; eso no significa que estén caídos.",
    general="Hay una falla general.",
    general_lead="El problema es nuestro.",
    titles={
        Shown.DOWN: ("El servicio {x} no funciona.", "{x} no funcionan."),
        Shown.REPAIR: ("Estamos reparando {x}.", "Estamos reparando {x}."),
        Shown.SLOW: (
            "El servicio {x} funciona con lentitud.",
            "{x} funcionan con lentitud.",
        ),
        Shown.MAINTENANCE: ("Hay mantenimiento en {x}.", "Hay mantenimiento en {x}."),
        Shown.NO_DATA: ("No tenemos datos de {x}.", "No tenemos datos de {x}."),
    },
    leads={
        Shown.DOWN: _OURS,
        Shown.REPAIR: _OURS,
        Shown.SLOW: (
            "Si lo nota lento, el problema es nuestro.",
            "Si los nota lentos, el problema es nuestro.",
        ),
        Shown.MAINTENANCE: (
            "Estaba previsto y termina {t}.",
            "Estaba previsto y termina {t}.",
        ),
        Shown.NO_DATA: ("Puede estar funcionando.", "Pueden estar funcionando."),
    },
    one_does="el servicio {x} {does}",
    troubled="{x} tienen fallas.",
    clauses={
        Shown.REPAIR: ("estamos reparando {x}", "estamos reparando {x}"),
        Shown.SLOW: (
            "el servicio {x} funciona con lentitud",
            "{x} funcionan con lentitud",
        ),
        Shown.MAINTENANCE: ("hay mantenimiento en {x}", "hay mantenimiento en {x}"),
        Shown.NO_DATA: ("no tenemos datos de {x}", "no tenemos datos de {x}"),
    },
    stable="Todos los servicios están estables.",
    stable_lead="Nuestros controles no ven ninguna falla. Si algo no le funciona, vea qué hacer.",
    stable_link="vea qué hacer",
    told=("Hay un incidente abierto.", "Hay {n} incidentes abiertos."),
    told_leads=(
        "Lo informó una persona de Operaciones. Nuestros controles no ven ninguna falla.",
        "Los informó una persona de Operaciones. Nuestros controles no ven ninguna falla.",
    ),
    told_clauses=("hay un incidente abierto", "hay {n} incidentes abiertos"),
    also="Además, {clauses}.",
    rest="El resto está estable.",
    many="{n} servicios",
    at_time="a las {t}",
    on_day_at_time="{day} a las {t}",
)
