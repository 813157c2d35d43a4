"""Words of the console's page about the monitor itself: its faults, each with the way out.

`{x}` is the role, the route or the process that a fault is about, `{w}` what was said of it, `{n}`
how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWords:
    """What is wrong, and what a person does about it. `command` is typed at the monitor's host;
    `read` is the heading of the manual that says more."""

    says: str
    way_out: str
    read: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorWords:
    well: str
    well_since: str
    ill: tuple[str, str]
    warned: tuple[str, str]
    fault: str
    warning: str
    way_out: str
    manual: str
    looked: str
    elsewhere: str
    roles: str
    role: str
    state: str
    role_well: str
    role_purposes: Mapping[str, str]
    prober: str
    reported: str
    started: str
    lateness: str
    lag: str
    missed: str
    unwritten: str
    memory: str
    keeping: str
    journal_size: str
    last_change: str
    holder: str
    nobody: str
    log_behind: str
    rows: tuple[str, str]
    disk: str
    disk_free: str
    store: str
    kind: str
    behind: str
    latency_behind: str
    dead_letters: str
    said: str
    alerts: str
    pending: str
    sent: str
    given_up: str
    emergency: str
    emergency_idle: str
    emergency_used: str
    route: str
    route_well: str
    route_failing: str
    route_untried: str
    last_sent: str
    no_routes: str
    stale: str
    no_stale: str
    more_stale: tuple[str, str]
    network: str
    line: str
    line_well: str
    line_cut: str
    resolver: str
    resolver_well: str
    resolver_silent: str
    clock: str
    clock_well: str
    clock_doubted: str
    steps: str
    no_steps: str
    ahead: str
    back: str
    faults: Mapping[str, FaultWords]


_EN = "docs/operating.md"
_ES = "docs/es/operacion.md"

MONITOR_WORDS: Mapping[str, MonitorWords] = {
    "en": MonitorWords(
        well="All is well",
        well_since="since {t}",
        ill=("{n} fault of the monitor", "{n} faults of the monitor"),
        warned=("{n} warning", "{n} warnings"),
        fault="Fault",
        warning="Warning",
        way_out="What to do",
        manual="More",
        looked="Looked at {t}.",
        elsewhere="Not known here: it runs on another machine, or has not reported yet.",
        roles="Roles",
        role="Role",
        state="State",
        role_well="Does its work",
        role_purposes={
            "prober": "runs the checks",
            "core": "decides, alerts, renders the page",
            "page": "serves the public page",
            "store": "keeps results and latencies",
            "console": "this console and the API",
        },
        prober="Prober",
        reported="Last figures",
        started="Runs since",
        lateness="Lateness of check runs, p99",
        lag="Lag of its loop",
        missed="Check runs missed since then",
        unwritten="Results not written yet",
        memory="Memory",
        keeping="Journal, log and disk",
        journal_size="Journal",
        last_change="Newest change",
        holder="Held by",
        nobody="nobody",
        log_behind="Results that the core has not read",
        rows=("{n} row", "{n} rows"),
        disk="Disk of the data folder",
        disk_free="{a} free of {b}",
        store="Result store",
        kind="Kind",
        behind="Behind",
        latency_behind="Latencies behind",
        dead_letters="Dead letters",
        said="Last said",
        alerts="Alerts",
        pending="Pending",
        sent="Delivered",
        given_up="Given up",
        emergency="Emergency path",
        emergency_idle="not in use",
        emergency_used="in use: alerts go out from the core's memory",
        route="Route",
        route_well="Delivers",
        route_failing="Fails",
        route_untried="Nothing sent lately",
        last_sent="Last delivered",
        no_routes="No route is configured: alerts go nowhere.",
        stale="Checks without fresh results",
        no_stale="Every check has fresh results.",
        more_stale=("{n} more", "{n} more"),
        network="Network and clock",
        line="Our own line",
        line_well="online",
        line_cut="offline since {t}",
        resolver="Our resolver",
        resolver_well="answers",
        resolver_silent="silent since {t}",
        clock="The machine's clock",
        clock_well="believed",
        clock_doubted="not believed since {t}",
        steps="Last times it was set",
        no_steps="It was not set, as far as the log reaches.",
        ahead="{d} ahead",
        back="{d} back",
        faults={
            "alerts_undelivered": FaultWords(
                says="No route takes an alert: nobody is woken",
                way_out=(
                    "Look at each route's targets below. One message is tried on every target "
                    "each half minute; the first that works again ends this."
                ),
                read=f"{_EN}#being-woken",
                command="estado config check",
            ),
            "journal_held": FaultWords(
                says="Another process holds the journal: {x} {w}",
                way_out=(
                    "Let that process go on (kill -CONT), or end it (kill -9): its write is undone "
                    "then. Meanwhile the core decides and alerts from memory."
                ),
                read=f"{_EN}#when-a-process-is-stopped",
                command="kill -CONT {x}",
            ),
            "role": FaultWords(
                says="The role {x} does not do its work: {w}",
                way_out=(
                    "It is started anew by itself. If this stays, look at its log, and whether the "
                    "machine has room and memory."
                ),
                read=f"{_EN}#what-runs",
                command="estado health --role {x}",
            ),
            "core": FaultWords(
                says="The core is not ready: {w}",
                way_out="It says the same at /readyz. Mend what it names; it goes on by itself.",
                read=f"{_EN}#what-runs",
                command="estado health --role core",
            ),
            "offline": FaultWords(
                says="Our own line is cut",
                way_out=(
                    "Look at link, route and DNS of the monitoring machine. What fails meanwhile "
                    "is without data, never down."
                ),
                read=f"{_EN}#being-woken",
            ),
            "no_resolver": FaultWords(
                says="Our resolver does not answer",
                way_out=(
                    "Look at its name servers and their way out (resolv.conf, "
                    "operations.resolver). What is checked by name is without data meanwhile."
                ),
                read=f"{_EN}#being-woken",
            ),
            "clock_doubted": FaultWords(
                says="The machine's clock is not believed: it went back too far",
                way_out="Set the clock right (chronyc tracking). The monitor follows it by itself.",
                read=f"{_EN}#when-the-clock-is-wrong",
                command="timedatectl",
            ),
            "stalling": FaultWords(
                says="The prober stands still again and again",
                way_out="Give the machine processor and memory; see what else runs on it.",
                read=f"{_EN}#being-woken",
            ),
            "store_stuck": FaultWords(
                says="The result store takes nothing",
                way_out=(
                    "See what it says below. Results wait in the log: decisions, alerts, page and "
                    "credits go on."
                ),
                read="docs/storage.md#when-the-store-answers-no",
                command="estado store doctor",
            ),
            "store_trouble": FaultWords(
                says="The result store has trouble: {w}",
                way_out="It is tried again. If a person has to act, the doctor says what to do.",
                read="docs/storage.md#when-the-store-answers-no",
                command="estado store doctor",
            ),
            "dead_letters": FaultWords(
                says="The store refused {n} results for good",
                way_out="List them with their reasons, mend the cause, and send them again.",
                read="docs/storage.md#when-the-store-answers-no",
                command="estado store dead-letters list",
            ),
            "route_fails": FaultWords(
                says="The route {x} does not deliver: {w}",
                way_out="Look at the address and the permissions of its targets (alerts.routes).",
                read="docs/alerts.md#routes",
            ),
            "disk_low": FaultWords(
                says="The disk is nearly full",
                way_out="Free room in the data folder. When it is full, results become gaps.",
                read=f"{_EN}#keeping-the-data",
            ),
            "stale_checks": FaultWords(
                says="{n} checks have no fresh results",
                way_out="They are listed below. If it is all of them, look at the prober.",
                read=f"{_EN}#what-runs",
            ),
        },
    ),
    "es": MonitorWords(
        well="Todo en orden",
        well_since="desde {t}",
        ill=("{n} falla del monitor", "{n} fallas del monitor"),
        warned=("{n} advertencia", "{n} advertencias"),
        fault="Falla",
        warning="Advertencia",
        way_out="Qué hacer",
        manual="Más",
        looked="Visto a las {t}.",
        elsewhere="Aquí no se sabe: corre en otra máquina o todavía no informó.",
        roles="Roles",
        role="Rol",
        state="Estado",
        role_well="Trabaja",
        role_purposes={
            "prober": "ejecuta los controles",
            "core": "decide, alerta y arma la página",
            "page": "sirve la página pública",
            "store": "guarda resultados y latencias",
            "console": "esta consola y la API",
        },
        prober="Prober",
        reported="Últimos números",
        started="Corre desde",
        lateness="Atraso de las comprobaciones, p99",
        lag="Demora de su bucle",
        missed="Comprobaciones salteadas desde entonces",
        unwritten="Resultados sin escribir",
        memory="Memoria",
        keeping="Diario, registro y disco",
        journal_size="Diario",
        last_change="Último cambio",
        holder="Lo retiene",
        nobody="nadie",
        log_behind="Resultados que el core no leyó",
        rows=("{n} fila", "{n} filas"),
        disk="Disco de la carpeta de datos",
        disk_free="{a} libres de {b}",
        store="Almacén de resultados",
        kind="Tipo",
        behind="Atraso",
        latency_behind="Atraso de las latencias",
        dead_letters="Rechazados",
        said="Lo último que dijo",
        alerts="Alertas",
        pending="Pendientes",
        sent="Entregadas",
        given_up="Abandonadas",
        emergency="Camino de emergencia",
        emergency_idle="sin uso",
        emergency_used="en uso: las alertas salen de la memoria del core",
        route="Ruta",
        route_well="Entrega",
        route_failing="Falla",
        route_untried="Nada enviado últimamente",
        last_sent="Última entrega",
        no_routes="No hay ninguna ruta configurada: las alertas no van a ningún lado.",
        stale="Controles sin resultados recientes",
        no_stale="Todos los controles tienen resultados recientes.",
        more_stale=("y {n} más", "y {n} más"),
        network="Red y reloj",
        line="Nuestra línea",
        line_well="conectada",
        line_cut="cortada desde {t}",
        resolver="Nuestro resolver",
        resolver_well="responde",
        resolver_silent="no responde desde {t}",
        clock="El reloj de la máquina",
        clock_well="se le cree",
        clock_doubted="no se le cree desde {t}",
        steps="Últimas veces que lo cambiaron",
        no_steps="Nadie lo cambió, hasta donde llega el registro.",
        ahead="{d} adelante",
        back="{d} atrás",
        faults={
            "alerts_undelivered": FaultWords(
                says="Ninguna ruta recibe las alertas: no se avisa a nadie",
                way_out=(
                    "Mire abajo los destinos de cada ruta. Cada medio minuto se prueba un mensaje "
                    "en todos los destinos; el primero que lo reciba termina con esto."
                ),
                read=f"{_ES}#cuándo-lo-despiertan",
                command="estado config check",
            ),
            "journal_held": FaultWords(
                says="Otro proceso retiene el diario: {x} {w}",
                way_out=(
                    "Deje seguir ese proceso (kill -CONT) o termínelo (kill -9): lo que escribía "
                    "se deshace. Mientras tanto el core decide y alerta de memoria."
                ),
                read=f"{_ES}#cuando-un-proceso-queda-detenido",
                command="kill -CONT {x}",
            ),
            "role": FaultWords(
                says="El rol {x} no trabaja: {w}",
                way_out=(
                    "Arranca de nuevo solo. Si esto sigue, mire su log y si la máquina tiene lugar "
                    "y memoria."
                ),
                read=f"{_ES}#qué-corre",
                command="estado health --role {x}",
            ),
            "core": FaultWords(
                says="El core no está listo: {w}",
                way_out="Dice lo mismo en /readyz. Arregle lo que nombra; después sigue solo.",
                read=f"{_ES}#qué-corre",
                command="estado health --role core",
            ),
            "offline": FaultWords(
                says="Nuestra propia línea está cortada",
                way_out=(
                    "Revise el enlace, la ruta y el DNS de la máquina del monitor. Lo que falla "
                    "mientras tanto queda sin datos, nunca caído."
                ),
                read=f"{_ES}#cuándo-lo-despiertan",
            ),
            "no_resolver": FaultWords(
                says="Nuestro resolver no responde",
                way_out=(
                    "Revise sus servidores de nombres y la salida de ellos (resolv.conf, "
                    "operations.resolver). Lo que se controla por nombre queda sin datos."
                ),
                read=f"{_ES}#cuándo-lo-despiertan",
            ),
            "clock_doubted": FaultWords(
                says="No se le cree al reloj de la máquina: retrocedió demasiado",
                way_out="Corrija la hora (chronyc tracking). El monitor la vuelve a seguir solo.",
                read=f"{_ES}#cuando-el-reloj-está-mal",
                command="timedatectl",
            ),
            "stalling": FaultWords(
                says="El prober se detiene una y otra vez",
                way_out="Dé procesador y memoria a la máquina; mire qué más corre en ella.",
                read=f"{_ES}#cuando-el-problema-es-del-monitor",
            ),
            "store_stuck": FaultWords(
                says="El almacén de resultados no recibe nada",
                way_out=(
                    "Vea abajo qué dice. Los resultados esperan en el registro: decisiones, "
                    "alertas, página y bonificaciones siguen."
                ),
                read=f"{_ES}#influxdb",
                command="estado store doctor",
            ),
            "store_trouble": FaultWords(
                says="El almacén de resultados tiene problemas: {w}",
                way_out="Se prueba de nuevo. Si hay que hacer algo, el doctor dice qué.",
                read=f"{_ES}#influxdb",
                command="estado store doctor",
            ),
            "dead_letters": FaultWords(
                says="El almacén rechazó {n} resultados para siempre",
                way_out="Véalos con su motivo, arregle la causa y envíelos de nuevo.",
                read=f"{_ES}#influxdb",
                command="estado store dead-letters list",
            ),
            "route_fails": FaultWords(
                says="La ruta {x} no entrega: {w}",
                way_out="Revise la dirección y los permisos de sus destinos (alerts.routes).",
                read=f"{_ES}#cuándo-lo-despiertan",
            ),
            "disk_low": FaultWords(
                says="El disco está casi lleno",
                way_out=(
                    "Haga lugar en la carpeta de datos. Cuando se llena, los resultados quedan "
                    "como huecos."
                ),
                read=f"{_ES}#guardar-los-datos",
            ),
            "stale_checks": FaultWords(
                says="{n} controles no tienen resultados recientes",
                way_out="Están abajo. Si son todos, mire el prober.",
                read=f"{_ES}#qué-corre",
            ),
        },
    ),
}
