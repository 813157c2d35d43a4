"""Every word that messages to operators have of their own, one table a language.

A message is in one language from its subject to its last line: the page's own, which is the first
of `page.languages`. What a probe said on seeing a failure is quoted as the log keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.catalogue import Page
from monitor.domain.checks.observation import Outcome
from monitor.domain.incidents.delivery import EventKind
from monitor.domain.incidents.incident import IncidentEvent
from monitor.i18n.formats import Lang


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWords:
    """`{c}` a name, `{t}` and `{u}` times, `{d}` a length, `{n}` and `{m}` counts, `{id}` an
    incident's id, `{w}` what was published."""

    html_lang: str
    # Subject
    down: str
    slow: str
    recovered: str
    still: str
    unwatched: str
    closed: str
    ago: str
    changed: Mapping[IncidentEvent, str]
    back_already: str
    unwatched_already: str
    closed_already: str
    was_still: str
    # Body
    since: str
    after: str
    reason: str
    is_back: str
    unwatched_means: str
    closed_means: str
    unstable_means: str
    happens: str
    seen: str
    cause: str
    remedy: str
    components: str
    checks: str
    last_good: str
    are_well: str
    published: str
    page: str
    typed: str
    states: Mapping[Outcome, str]
    well: str
    open_span: str
    closed_span: str
    unseen: str
    unwatched_span: str
    forced_span: str
    """Closed by a person while it was down."""
    depends: str
    said_by: str
    said_by_machine: str
    and_more: str
    # What comes next
    no_answer: str
    recorded: str
    look_yourself: str
    """Where nobody saw the end."""
    once: str
    once_back: str
    watched: str
    repeated: str
    # Several at once, and what cannot be told
    many: str
    incidents: str
    many_fell: str
    many_back: str
    many_closed: str
    one_for_all: str
    see_incident: str
    see_status: str
    alert: str
    about: str
    kinds: Mapping[EventKind, str]
    not_worded: str
    # The monitor about itself
    blind_once: str
    clock_forward: str
    clock_back: str
    notice: str


_ES = AlertWords(
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
    happens="Qué pasa",
    seen="Se vio",
    cause="Causa",
    remedy="Qué hacer",
    components="Componentes",
    checks="Chequeos",
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
    look_yourself="Compruebe si funciona: nadie lo vio. La cronología queda en la página.",
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
        EventKind.NOTICE: "aviso",
    },
    not_worded="No se pudo redactar el detalle.",
    blind_once="Una sola alerta mientras dure.",
    clock_forward="se adelantó {d}",
    clock_back="se atrasó {d}",
    notice="AVISO control: {c}",
)
_EN = AlertWords(
    html_lang="en",
    down="DOWN",
    slow="SLOW",
    recovered="RECOVERED",
    still="STILL {c}",
    unwatched="UNWATCHED",
    closed="CLOSED",
    ago="for {d}",
    changed={
        IncidentEvent.JOINED: "joins, {c}",
        IncidentEvent.RELAPSED: "again, {c}",
        IncidentEvent.WORSENED: "worse, {c}",
        IncidentEvent.RESUMED: "still, {c}",
        IncidentEvent.UNSTABLE: "unstable, {c}",
        IncidentEvent.LASTING: "not back, {c}",
    },
    back_already="back already",
    unwatched_already="no longer watched",
    closed_already="closed already",
    was_still="was still {c}",
    since="since {t} ({u})",
    after="after {d}",
    reason="Reason: {c}",
    is_back="It works again.",
    unstable_means="It fails and comes back again and again: the next word is that it is stable, "
    "or comes back no more.",
    unwatched_means="The configuration no longer watches it; nobody saw it come back.",
    closed_means=(
        "A person closed the incident before it came back: nothing more is told of this failure."
    ),
    happens="What",
    seen="Seen",
    cause="Cause",
    remedy="What to do",
    components="Components",
    checks="Checks",
    last_good="Last good",
    are_well="Still well",
    published="Published",
    page="Page",
    typed="Type",
    states={Outcome.DOWN: "down", Outcome.DEGRADED: "slow"},
    well="well",
    open_span="since {t}",
    closed_span="from {t} to {u}, {d}",
    unseen=" (and {d} without data)",
    unwatched_span="since {t}; not watched since {u}",
    forced_span="since {t}; still so when closed, {u}",
    depends=", depends on another",
    said_by="At {t} (by {c}): “{w}”",
    said_by_machine="At {t} (automatic text): “{w}”",
    and_more="and {n} more",
    no_answer="No answer is needed.",
    recorded="No answer is needed. The page keeps the course of events.",
    look_yourself="See whether it works: nobody saw it. The page keeps the course of events.",
    once="One alert for each incident.",
    once_back="When it is back: “RECOVERED {c}: duration ({id})”.",
    watched="It is being watched; unless it falls again: “RECOVERED {c}: duration ({id})”.",
    repeated="Unless somebody takes it, this is repeated at {t}.",
    many="{c}: {n} incidents, {m} components",
    incidents="Incidents",
    many_fell="Many failures at once: look first for what they share (network, power, DNS).",
    many_back="They work again.",
    many_closed="Some were closed before they worked again.",
    one_for_all="One message instead of one for each incident.",
    see_incident="See the incident",
    see_status="See the status",
    alert="ALERT",
    about="About",
    kinds={
        EventKind.OPENING: "failure",
        EventKind.UPDATE: "change",
        EventKind.REMINDER: "reminder",
        EventKind.RESOLUTION: "resolved",
        EventKind.NOTICE: "notice",
    },
    not_worded="The details could not be worded.",
    blind_once="One alert for as long as it lasts.",
    clock_forward="went forward {d}",
    clock_back="went back {d}",
    notice="NOTICE monitor: {c}",
)

ALERT_WORDS: Mapping[Lang, AlertWords] = {Lang.ES: _ES, Lang.EN: _EN}


def operators_lang(page: Page) -> Lang:
    """The page's own language; Spanish where that is none in which messages are made."""
    first = page.locales[0] if page.locales else Lang.ES
    return Lang(first) if first in list(Lang) else Lang.ES
