"""The sentences of incidents' automatic texts, in Spanish."""

from __future__ import annotations

from monitor.i18n.forms.incidents import IncidentSentences

INCIDENTS = IncidentSentences(
    since="Desde {t} el servicio {c} {does}.",
    since_too="El problema alcanza también al servicio {c}: desde {t} {does}.",
    since_again="El problema continúa: desde {t} el servicio {c} {does}.",
    fell_again="El servicio {c} volvió a fallar a {t}: {does}.",
    unstable=(
        "El servicio {c} falla y vuelve una y otra vez. El incidente sigue abierto hasta que esté "
        "estable."
    ),
    worsened="El servicio {c} empeoró y ahora {does}.",
    began_earlier="El problema del servicio {c} empezó a {t}, antes de lo que informamos.",
    unwatched="El servicio {c} ya no se controla desde {t}; no sabemos si volvió a funcionar.",
    watched_otherwise=(
        "El servicio {c} se controla de otra manera desde {t}; no vimos el final de la falla."
    ),
    watched_again="El servicio {c} se controla de nuevo: desde {t} {does}.",
    depends_on="Depende de {c}.",
    alerted="Operaciones ya fue avisada.",
    alerted_of_failure="Operaciones ya fue avisada de la falla.",
    no_news="Todavía no hay novedades.",
    still_since="El servicio {c} sigue {phrase} desde {t}.",
    still_many_since="Siguen afectados {c}; el primero, desde {t}.",
    looked_after="Operaciones lo está viendo.",
    back="El servicio {c} volvió a funcionar a {t}.",
    back_to_normal="El servicio {c} volvió a funcionar con normalidad a {t}.",
    all_back="{s} volvieron a funcionar; el último, a {t}.",
    still="El servicio {c} sigue {phrase}.",
    still_many="Siguen afectados {c}.",
    watch="Lo observamos {d} antes de darlo por resuelto.",
    watch_all="Los observamos {d} antes de dar el problema por resuelto.",
    normal="El servicio {c} funciona con normalidad desde {t}.",
    all_normal="{s} funcionan con normalidad desde {t}.",
    out="{s} sin servicio {d}, que cuentan en {month}.",
    out_uncounted="{s} sin servicio {d}.",
    out_partly="{s} sin servicio {d}; sin el mantenimiento previsto cuentan {k} en {month}.",
    out_planned="{s} sin servicio {d}; no cuentan, porque el mantenimiento estaba previsto.",
    slow_or_out="{s} con lentitud, con fallas o sin servicio {d}; el tiempo sin servicio cuenta en "
    "{month}.",
    slow_or_out_uncounted="{s} con lentitud, con fallas o sin servicio {d}.",
    was_slow="{s} lento {d}.",
    was_faulty="{s} con fallas {d}.",
    longest="El tiempo sin servicio de cada uno cuenta en {month}; el más largo, {c}: {d}.",
    it_was="Estuvo",
    name_was="El servicio {c} estuvo",
    in_time="las {t}",
    on_day="las {t} del {day}",
    affected="afectado",
    many="{n} servicios",
    all_named="Los servicios {c}",
    all_many="Los {n} servicios",
    name_and_more="{c} y {n} servicios más",
    out_of_service=(
        "sin servicio",
        "no funciona",
        "Si usa este servicio, el problema es nuestro.",
    ),
    slow=("con lentitud", "funciona con lentitud", "Si lo nota lento, el problema es nuestro."),
    clock_set=(
        "El reloj de nuestro control estaba mal y fue corregido. Lo que registró con la hora"
        " equivocada no vale: de ese tiempo no tenemos datos."
    ),
    over_limit="Tarda más de {v}; lo habitual es {w}.",
)
