"""The words of messages to operators, in Spanish."""

from __future__ import annotations

from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import IncidentEvent
from monitor.i18n.forms.alerts import AlertWords

ALERTS = AlertWords(
    html_lang="es-AR",
    down="CAÍDO",
    slow="LENTO",
    recovered="RECUPERADO",
    still="SIGUE {c}",
    unwatched="SIN CONTROL",
    closed="CERRADO",
    ago="hace {d}",
    changed={
        IncidentEvent.JOINED: "se suma, {c}",
        IncidentEvent.RELAPSED: "otra vez, {c}",
        IncidentEvent.WORSENED: "empeoró, {c}",
        IncidentEvent.RESUMED: "sigue, {c}",
        IncidentEvent.UNSTABLE: "inestable, {c}",
        IncidentEvent.LASTING: "no vuelve, {c}",
    },
    back_already="ya volvió",
    unwatched_already="ya no se controla",
    closed_already="ya se cerró",
    was_still="seguía {c}",
    since="desde {t} ({u})",
    after="tras {d}",
    reason="Motivo: {c}",
    is_back="Ya volvió a funcionar.",
    unstable_means="Falla y vuelve una y otra vez: se avisa de nuevo cuando esté estable o ya no "
    "vuelva.",
    unwatched_means="La configuración ya no lo controla; nadie vio que volviera a funcionar.",
    closed_means=(
        "Una persona cerró el incidente sin que volviera a funcionar: de esta falla no se avisa"
        " más."
    ),
    seen="Se vio",
    cause="Causa",
    remedy="Qué hacer",
    components="Componentes",
    checks="Controles",
    last_good="Última bien",
    are_well="Siguen bien",
    published="Publicado",
    page="Página",
    typed="Escriba",
    states={Outcome.DOWN: "caído", Outcome.DEGRADED: "lento"},
    well="bien",
    open_span="desde {t}",
    closed_span="de {t} a {u}, {d}",
    unseen=" (más {d} sin datos)",
    unwatched_span="desde {t}; sin control desde {u}",
    forced_span="desde {t}; seguía así al cerrarse, {u}",
    depends=", depende de otro",
    said_by="A las {t} (por {c}): «{w}»",
    said_by_machine="A las {t} (texto automático): «{w}»",
    and_more="y {n} más",
    no_answer="No hace falta responder.",
    recorded="No hace falta responder. La cronología queda en la página.",
    check_yourself="Compruebe si funciona: nadie lo vio. La cronología queda en la página.",
    once="Una sola alerta por incidente.",
    once_back="Cuando vuelva: «RECUPERADO {c}: duración ({id})».",
    watched="Se observa; si no recae: «RECUPERADO {c}: duración ({id})».",
    repeated="Si nadie lo toma, se repite a las {t}.",
    many="{c}: {n} incidentes, {m} componentes",
    incidents="Incidentes",
    many_fell=(
        "Muchas fallas a la vez: busque primero lo que tienen en común (red, energía, DNS)."
    ),
    many_back="Volvieron a funcionar.",
    many_closed="Algunos se cerraron sin que volvieran a funcionar.",
    one_for_all="Un solo mensaje en lugar de uno por incidente.",
    see_incident="Ver el incidente",
    see_status="Ver el estado",
    alert="ALERTA",
    about="Sobre",
    kinds={
        EventKind.OPENING: "falla",
        EventKind.UPDATE: "cambio",
        EventKind.REMINDER: "sigue",
        EventKind.RESOLUTION: "resuelto",
        EventKind.SYSTEM_ALERT: "aviso",
    },
    not_worded="No se pudo redactar el detalle.",
    offline_once="Una sola alerta mientras dure.",
    clock_forward="se adelantó {d}",
    clock_back="se atrasó {d}",
    system_alert="AVISO monitor: {c}",
)
