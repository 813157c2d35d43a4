"""Every word that messages to operators have of their own, one table a language.

A message is in one language from its subject to its last line: the page's own, which is the first
of `page.languages`. What a probe said on seeing a failure is quoted as the log keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.catalogue import Page
from monitor.domain.formats import Lang
from monitor.domain.incident import Happening
from monitor.domain.notification import EventKind
from monitor.domain.observation import Outcome


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
    ago: str
    changed: Mapping[Happening, str]
    back_already: str
    unwatched_already: str
    # Body
    since: str
    after: str
    reason: str
    is_back: str
    unwatched_means: str
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
    unwatched_span: str
    depends: str
    said_by: str
    said_by_machine: str
    and_more: str
    # What comes next
    no_answer: str
    recorded: str
    once: str
    once_back: str
    watched: str
    repeated: str
    # Several at once, and what cannot be told
    many: str
    incidents: str
    many_fell: str
    many_back: str
    one_for_all: str
    see_incident: str
    see_status: str
    alert: str
    about: str
    kinds: Mapping[EventKind, str]
    not_worded: str
    # The monitor about itself
    blind: str
    blind_subject: str
    blind_means: str
    blind_remedy: str
    blind_once: str
    sees: str
    sees_subject: str
    sees_means: str
    clock: str
    """`{d}`: by how much, in words."""
    clock_subject: str
    clock_means: str
    clock_remedy: str
    clock_forward: str
    clock_back: str
    doubt: str
    doubt_subject: str
    doubt_means: str
    doubt_remedy: str
    trust: str
    trust_subject: str
    trust_means: str
    unresolved: str
    unresolved_subject: str
    unresolved_means: str
    unresolved_remedy: str
    resolves: str
    resolves_subject: str
    resolves_means: str
    disagrees: str
    disagrees_subject: str
    disagrees_means: str
    disagrees_remedy: str
    stuck: str
    stuck_subject: str
    stuck_means: str
    stuck_remedy: str
    late: str
    late_subject: str
    late_means: str
    late_remedy: str
    flows: str
    flows_subject: str
    flows_means: str
    full: str
    full_subject: str
    full_means: str
    full_remedy: str
    away: str
    away_subject: str
    away_means: str
    away_remedy: str
    writes: str
    writes_subject: str
    writes_means: str
    notice: str


_ES = AlertWords(
    html_lang="es-AR",
    down="CAÍDO",
    slow="LENTO",
    recovered="RECUPERADO",
    still="SIGUE {c}",
    unwatched="SIN CONTROL",
    ago="hace {d}",
    changed={
        Happening.JOINED: "se suma, {c}",
        Happening.RELAPSED: "otra vez, {c}",
        Happening.WORSENED: "empeoró, {c}",
        Happening.RESUMED: "sigue, {c}",
        Happening.UNSTABLE: "inestable, {c}",
    },
    back_already="ya volvió",
    unwatched_already="ya no se controla",
    since="desde {t} ({u})",
    after="tras {d}",
    reason="Motivo: {c}",
    is_back="Ya volvió a funcionar.",
    unstable_means="Falla y vuelve una y otra vez: se avisa de nuevo cuando esté estable.",
    unwatched_means="La configuración ya no lo controla; nadie vio que volviera a funcionar.",
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
    unwatched_span="desde {t}; sin control desde {u}",
    depends=", depende de otro",
    said_by="A las {t} (por {c}): «{w}»",
    said_by_machine="A las {t} (texto automático): «{w}»",
    and_more="y {n} más",
    no_answer="No hace falta responder.",
    recorded="No hace falta responder. La cronología queda en la página.",
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
    blind="CIEGO  El control no ve la red desde las {t} ({u})",
    blind_subject="CIEGO control: sin red desde las {t}",
    blind_means=(
        "Los destinos de prueba que no son nuestros no responden: falla la conexión de la máquina "
        "que controla. No se abre ningún incidente; la página muestra «sin datos»."
    ),
    blind_remedy="Revise el enlace, la ruta y el DNS de la máquina que controla.",
    blind_once="Una sola alerta mientras dure.",
    sees="VE  El control ve la red otra vez; estaba ciego desde las {t} ({u})",
    sees_subject="VE control: hay red, estaba ciego desde {t}",
    sees_means="Los controles siguen solos. El tiempo sin datos queda como «sin datos».",
    clock="RELOJ  La hora de la máquina que controla {d}; desde las {t} ({u}) rige la nueva",
    clock_subject="RELOJ control: la hora {d}",
    clock_means=(
        "Los controles siguen con la hora nueva. El tiempo que el reloj salteó, y lo que se "
        "registró con una hora equivocada, queda «sin datos»: no abre incidentes ni cuenta como "
        "caída. Lo que sigue caído se vuelve a ver solo."
    ),
    clock_remedy="Revise quién cambió la hora de esa máquina: NTP, chrony o el hipervisor.",
    clock_forward="se adelantó {d}",
    clock_back="se atrasó {d}",
    doubt="RELOJ  La hora de la máquina que controla no es creíble desde las {t} ({u})",
    doubt_subject="RELOJ control: hora no creíble desde las {t}",
    doubt_means=(
        "Retrocedió más allá de lo que el registro puede volver a contar. El control sigue con su "
        "propia cuenta: controles, alertas y página siguen."
    ),
    doubt_remedy="Corrija la hora de esa máquina; el control la vuelve a seguir solo.",
    trust="RELOJ  La hora de la máquina que controla vuelve a creerse; no se creía desde {t} ({u})",
    trust_subject="RELOJ control: la hora es creíble otra vez",
    trust_means="Los controles siguen la hora de la máquina otra vez.",
    unresolved="SIN DNS  El control no resuelve nombres desde las {t} ({u})",
    unresolved_subject="SIN DNS control: no resuelve nombres desde las {t}",
    unresolved_means=(
        "Ninguno de sus servidores de nombres encuentra nada, tampoco los nombres de prueba. Lo "
        "que se controla por nombre queda «sin datos» y no abre ningún incidente; el resto sigue."
    ),
    unresolved_remedy=(
        "Revise esos servidores de nombres y su salida a la red (resolv.conf, operations.resolver)."
    ),
    resolves="RESUELVE  El control resuelve nombres otra vez; no podía desde las {t} ({u})",
    resolves_subject="RESUELVE control: hay DNS, no había desde las {t}",
    resolves_means="Los controles siguen solos. El tiempo sin datos queda como «sin datos».",
    disagrees="NO CONCUERDAN  Una prueba de la red propia y estos controles desde las {t} ({u})",
    disagrees_subject="NO CONCUERDAN control: prueba de red y controles desde las {t}",
    disagrees_means=(
        "La prueba dice que la falla es de la red propia, mientras otros controles ven por ella. "
        "Los que se nombran quedan «sin datos»: una caída verdadera de ellos no se vería."
    ),
    disagrees_remedy=(
        "Mire esos destinos a mano. Si fallan, elija otros destinos para la prueba "
        "(connectivity.targets, operations.resolver.controls), que respondan siempre."
    ),
    stuck="ALMACÉN  Los resultados no llegan al almacén desde las {t} ({u})",
    stuck_subject="ALMACÉN: resultados sin guardar desde las {t}",
    stuck_means=(
        "Los controles, las alertas, la página y los créditos siguen: no dependen del almacén. "
        "Nada se pierde mientras el registro de resultados los conserve."
    ),
    stuck_remedy=(
        "Ejecute «estado store doctor{o}»: dice qué falta, como un token o un bucket. Si todo está "
        "bien allí, «estado health{o}» dice si el rol «store» funciona."
    ),
    late="TARDE  Desde las {t} ({u}) llegan resultados de un pasado que ya no se puede recalcular",
    late_subject="TARDE control: resultados tardíos no contados desde las {t}",
    late_means=(
        "El registro ya no conserva todo lo de esos días, o son de antes del primer chequeo: lo "
        "que se decidió entonces queda como está, en la página y en los créditos."
    ),
    late_remedy=(
        "Revise el reloj de la máquina que controla (timedatectl, chronyc tracking): casi siempre "
        "es una hora equivocada. estado_late_refused dice cuántos días fueron."
    ),
    flows="ALMACÉN  Los resultados llegan otra vez; no llegaban desde las {t} ({u})",
    flows_subject="ALMACÉN al día: no recibía desde las {t}",
    flows_means="Lo que esperaba en el registro se está guardando, en orden.",
    full="LLENO  El disco del control está lleno desde las {t} ({u})",
    full_subject="LLENO control: disco lleno desde las {t}",
    full_means=(
        "Los chequeos siguen en memoria; lo que no entra queda «sin datos», nunca como caída. "
        "Mientras tanto no se decide ni se publica nada nuevo."
    ),
    full_remedy="Libere espacio en la carpeta de datos: todo sigue solo, sin reiniciar.",
    away="SIN DIARIO  La base del diario no responde desde las {t} ({u})",
    away_subject="SIN DIARIO control: su base no responde desde las {t}",
    away_means=(
        "Los chequeos siguen y sus resultados quedan guardados. Hasta que la base vuelva no se "
        "abre ningún incidente ni sale otra alerta, y la página dice que sus datos son viejos."
    ),
    away_remedy="Revise la base de datos (operations.journal): todo sigue solo cuando vuelva.",
    writes="ESCRIBE  El control vuelve a escribir; no podía desde las {t} ({u})",
    writes_subject="ESCRIBE control: no podía desde las {t}",
    writes_means="Lo que se vio entretanto se decide ahora, con sus horas verdaderas.",
    notice="AVISO control: {c}",
)
_EN = AlertWords(
    html_lang="en",
    down="DOWN",
    slow="SLOW",
    recovered="RECOVERED",
    still="STILL {c}",
    unwatched="UNWATCHED",
    ago="for {d}",
    changed={
        Happening.JOINED: "joins, {c}",
        Happening.RELAPSED: "again, {c}",
        Happening.WORSENED: "worse, {c}",
        Happening.RESUMED: "still, {c}",
        Happening.UNSTABLE: "unstable, {c}",
    },
    back_already="back already",
    unwatched_already="no longer watched",
    since="since {t} ({u})",
    after="after {d}",
    reason="Reason: {c}",
    is_back="It works again.",
    unstable_means="It fails and comes back again and again: the next word is that it is stable.",
    unwatched_means="The configuration no longer watches it; nobody saw it come back.",
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
    unwatched_span="since {t}; not watched since {u}",
    depends=", depends on another",
    said_by="At {t} (by {c}): “{w}”",
    said_by_machine="At {t} (automatic text): “{w}”",
    and_more="and {n} more",
    no_answer="No answer is needed.",
    recorded="No answer is needed. The page keeps the course of events.",
    once="One alert for each incident.",
    once_back="When it is back: “RECOVERED {c}: duration ({id})”.",
    watched="It is being watched; unless it falls again: “RECOVERED {c}: duration ({id})”.",
    repeated="Unless somebody takes it, this is repeated at {t}.",
    many="{c}: {n} incidents, {m} components",
    incidents="Incidents",
    many_fell="Many failures at once: look first for what they share (network, power, DNS).",
    many_back="They work again.",
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
    blind="BLIND  The monitor has not seen the network since {t} ({u})",
    blind_subject="BLIND monitor: no network since {t}",
    blind_means=(
        "The connectivity targets, which are not ours, do not answer: the line of the monitoring "
        "machine is at fault. No incident is opened; the page shows “no data”."
    ),
    blind_remedy="Look at the link, the route and the DNS of the monitoring machine.",
    blind_once="One alert for as long as it lasts.",
    sees="SEES  The monitor sees the network again; it was blind since {t} ({u})",
    sees_subject="SEES monitor: network is back, blind since {t}",
    sees_means="Checks go on by themselves. The time without data stays “no data”.",
    clock="CLOCK  The clock of the monitoring machine {d}; its time holds since {t} ({u})",
    clock_subject="CLOCK monitor: {d}",
    clock_means=(
        "Checks go on by the new time. What the clock skipped, and what was recorded under a "
        "wrong time, stays “no data”: it opens no incident and counts as no downtime. What is "
        "still down is seen again by itself."
    ),
    clock_remedy="Find out who set the clock of that machine: NTP, chrony or the hypervisor.",
    clock_forward="went forward {d}",
    clock_back="went back {d}",
    doubt="CLOCK  The clock of the monitoring machine is not believed since {t} ({u})",
    doubt_subject="CLOCK monitor: not believed since {t}",
    doubt_means=(
        "It went back further than the log can be read again. The monitor goes on by its own "
        "count: checks, alerts and the page go on."
    ),
    doubt_remedy="Set the clock of that machine right; the monitor follows it again by itself.",
    trust="CLOCK  The monitoring machine's clock is believed again; it was not since {t} ({u})",
    trust_subject="CLOCK monitor: believed again",
    trust_means="Checks follow the machine's clock again.",
    unresolved="NO DNS  The monitor has not resolved names since {t} ({u})",
    unresolved_subject="NO DNS monitor: names not resolved since {t}",
    unresolved_means=(
        "None of its name servers finds anything, the control names neither. What is checked by "
        "name has “no data” and opens no incident; the rest goes on."
    ),
    unresolved_remedy=(
        "Look at those name servers and their way out (resolv.conf, operations.resolver)."
    ),
    resolves="RESOLVES  The monitor resolves names again; it could not since {t} ({u})",
    resolves_subject="RESOLVES monitor: DNS is back, was away since {t}",
    resolves_means="Checks go on by themselves. The time without data stays “no data”.",
    disagrees="DISAGREE  A test of the own network and these checks since {t} ({u})",
    disagrees_subject="DISAGREE monitor: test of the network and checks since {t}",
    disagrees_means=(
        "The test says that the own network is at fault, while other checks see by it. Those named "
        "have “no data”: a true outage of theirs would not be seen."
    ),
    disagrees_remedy=(
        "Look at those targets by hand. If they fail, choose other targets for the test "
        "(connectivity.targets, operations.resolver.controls), ones that always answer."
    ),
    stuck="STORE  Results have not reached the result store since {t} ({u})",
    stuck_subject="STORE: results not stored since {t}",
    stuck_means=(
        "Checks, alerts, the page and credits go on: they do not rest on the store. Nothing is "
        "lost for as long as the result log keeps its rows."
    ),
    stuck_remedy=(
        "Type: estado store doctor{o} (it says what is missing, such as a token or a bucket). If "
        "all is well there: estado health{o} (whether the store role works)."
    ),
    late="LATE  Since {t} ({u}) results come of a past that cannot be worked out anew",
    late_subject="LATE monitor: late results not counted since {t}",
    late_means=(
        "The result log has not kept all of those days, or they are from before the first look: "
        "what was decided then stays as it is, on the page and in credits."
    ),
    late_remedy=(
        "Look at the clock of the monitoring machine (timedatectl, chronyc tracking): nearly "
        "always it was wrong. estado_late_refused tells how many days there were."
    ),
    flows="STORE  Results reach the store again; they had not since {t} ({u})",
    flows_subject="STORE flows again: it had not since {t}",
    flows_means="What waited in the log is being stored, in order.",
    full="FULL  The monitor's disk has been full since {t} ({u})",
    full_subject="FULL monitor: disk full since {t}",
    full_means=(
        "Checks go on in memory; what finds no room there is no data, never an outage. Nothing "
        "new is decided or published meanwhile."
    ),
    full_remedy="Free room in the data folder: everything goes on by itself, without a restart.",
    away="NO JOURNAL  The journal's database has not answered since {t} ({u})",
    away_subject="NO JOURNAL monitor: its database silent since {t}",
    away_means=(
        "Checks go on and their results are kept. Until the database is back no incident opens, "
        "no other alert leaves, and the page says that its data is old."
    ),
    away_remedy="Look at the database (operations.journal): all goes on by itself once it is back.",
    writes="WRITES  The monitor writes again; it could not since {t} ({u})",
    writes_subject="WRITES monitor: it could not since {t}",
    writes_means="What was seen meanwhile is decided now, with its true times.",
    notice="NOTICE monitor: {c}",
)

ALERT_WORDS: Mapping[Lang, AlertWords] = {Lang.ES: _ES, Lang.EN: _EN}


def operators_lang(page: Page) -> Lang:
    """The page's own language; Spanish where that is none in which messages are made."""
    first = page.locales[0] if page.locales else Lang.ES
    return Lang(first) if first in list(Lang) else Lang.ES
