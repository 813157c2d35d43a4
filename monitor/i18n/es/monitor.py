"""The words of the console's page about the monitor itself in Spanish."""

from __future__ import annotations

from monitor.i18n.forms.monitor import FaultWords, MonitorWords

_MANUAL = "docs/es/operacion.md"

MONITOR = MonitorWords(
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
        "subscribers": "escribe a quienes pidieron avisos",
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
    closing="Cierre de un mes",
    closed_so_far="{m}: {n} de {k} contratos",
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
    role_faults={
        "unreadable": "no se puede leer lo que anota: {d}",
        "no_figures": "todavía no anotó sus números",
        "figures_to_come": "sus últimos números son de una hora que no llegó: atrasaron el reloj",
        "old_figures": "anotó sus últimos números hace {s}",
        "no_configuration": "todavía no se compiló ninguna configuración",
        "bad_configuration": "no se puede leer la configuración compilada: {d}",
        "not_well": "{u} responde {d}",
        "no_answer": "{u} no responde: {d}",
    },
    core_faults={
        "not_yet": "todavía no hizo ninguna vuelta",
        "stands_still": "su última vuelta fue hace {s}",
        "undelivered": "hace {s} que ninguna alerta llega a nadie: fallan todas las rutas",
        "journal_held": "otro proceso le retiene el diario",
        "not_rendered": "hace más de dos minutos que no se genera la página",
        "prober_silent": "hace 30 s que el prober no informa nada",
        "clock_doubted": "no se le cree al reloj de la máquina: atrasa {s}",
        "stalls": "el prober se detuvo {n} veces en cinco minutos{by}",
        "nothing_counts": "hace {s} que no cuenta ningún control: arranque de nuevo el prober",
        "store_paused": "el almacén de resultados: {d}",
        "subscribers_silent": "hace 30 s que no da señales el envío a suscriptores: {d}",
        "private_pages_closed": "ningún enlace abre las páginas privadas: {d}",
        "other": "{d}",
    },
    stalls_by=", sobre todo en controles de {d}",
    faults={
        "alerts_undelivered": FaultWords(
            says="Ninguna ruta recibe las alertas: no se avisa a nadie",
            way_out=(
                "Mire abajo los destinos de cada ruta. Cada medio minuto se prueba un mensaje "
                "en todos los destinos; el primero que lo reciba termina con esto."
            ),
            read=f"{_MANUAL}#cuándo-lo-despiertan",
            command="estado config check",
        ),
        "journal_held": FaultWords(
            says="Otro proceso retiene el diario: {x} {w}",
            way_out=(
                "Deje seguir ese proceso (kill -CONT) o termínelo (kill -9): lo que escribía "
                "se deshace. Mientras tanto el core decide y alerta de memoria."
            ),
            read=f"{_MANUAL}#cuando-un-proceso-queda-detenido",
            command="kill -CONT {x}",
        ),
        "facts_old": FaultWords(
            says="Nadie mira los roles ni la máquina: lo que se dice de ellos es viejo",
            way_out="Arranque de nuevo el rol console; mientras tanto, pregunte en la máquina.",
            read=f"{_MANUAL}#qué-corre",
            command="estado health",
        ),
        "role": FaultWords(
            says="El rol {x} no trabaja: {w}",
            way_out=(
                "Arranca de nuevo solo. Si esto sigue, mire su log y si la máquina tiene lugar "
                "y memoria."
            ),
            read=f"{_MANUAL}#qué-corre",
            command="estado health --role {x}",
        ),
        "core": FaultWords(
            says="El core no está listo: {w}",
            way_out="Dice lo mismo en /readyz. Arregle lo que nombra; después sigue solo.",
            read=f"{_MANUAL}#qué-corre",
            command="estado health --role core",
        ),
        "offline": FaultWords(
            says="Nuestra propia línea está cortada",
            way_out=(
                "Revise el enlace, la ruta y el DNS de la máquina del monitor. Lo que falla "
                "mientras tanto queda sin datos, nunca caído."
            ),
            read=f"{_MANUAL}#cuándo-lo-despiertan",
        ),
        "no_resolver": FaultWords(
            says="Nuestro resolver no responde",
            way_out=(
                "Revise sus servidores de nombres y la salida de ellos (resolv.conf, "
                "operations.resolver). Lo que se controla por nombre queda sin datos."
            ),
            read=f"{_MANUAL}#cuándo-lo-despiertan",
        ),
        "clock_doubted": FaultWords(
            says="No se le cree al reloj de la máquina: retrocedió demasiado",
            way_out="Corrija la hora (chronyc tracking). El monitor la vuelve a seguir solo.",
            read=f"{_MANUAL}#cuando-el-reloj-está-mal",
            command="timedatectl",
        ),
        "stalling": FaultWords(
            says="El prober se detiene una y otra vez",
            way_out="Dé procesador y memoria a la máquina; mire qué más corre en ella.",
            read=f"{_MANUAL}#cuando-el-problema-es-del-monitor",
        ),
        "store_stuck": FaultWords(
            says="El almacén de resultados no recibe nada",
            way_out=(
                "Vea abajo qué dice. Los resultados esperan en el registro: decisiones, "
                "alertas, página y bonificaciones siguen."
            ),
            read=f"{_MANUAL}#influxdb",
            command="estado store doctor",
        ),
        "store_trouble": FaultWords(
            says="El almacén de resultados tiene problemas: {w}",
            way_out="Se prueba de nuevo. Si hay que hacer algo, el doctor dice qué.",
            read=f"{_MANUAL}#influxdb",
            command="estado store doctor",
        ),
        "dead_letters": FaultWords(
            says="El almacén rechazó {n} resultados para siempre",
            way_out="Véalos con su motivo, arregle la causa y envíelos de nuevo.",
            read=f"{_MANUAL}#influxdb",
            command="estado store dead-letters list",
        ),
        "route_fails": FaultWords(
            says="La ruta {x} no entrega: {w}",
            way_out="Revise la dirección y los permisos de sus destinos (alerts.routes).",
            read=f"{_MANUAL}#cuándo-lo-despiertan",
        ),
        "disk_low": FaultWords(
            says="El disco está casi lleno",
            way_out=(
                "Haga lugar en la carpeta de datos. Cuando se llena, los resultados quedan "
                "como huecos."
            ),
            read=f"{_MANUAL}#guardar-los-datos",
        ),
        "stale_checks": FaultWords(
            says="{n} controles no tienen resultados recientes",
            way_out="Están abajo. Si son todos, mire el prober.",
            read=f"{_MANUAL}#qué-corre",
        ),
        "applying_paused": FaultWords(
            says="El freno de facturación está puesto: no se aplica ninguna bonificación",
            way_out=(
                "Lo que se aprobó espera. En Bonificaciones figura quién lo puso y por qué; "
                "lo suelta, con su cuenta, quien puede aplicar."
            ),
            read="docs/es/facturacion.md#al-saldo-del-cliente",
            command="estado credits resume",
        ),
    },
)
