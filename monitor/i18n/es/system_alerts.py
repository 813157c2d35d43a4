"""What a system alert says in Spanish, by its kind; see `forms.system_alerts`."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.domain.incidents.system_alerts import SystemAlert
from monitor.i18n.forms.system_alerts import SystemAlertText

SYSTEM_ALERTS: Mapping[str, SystemAlertText] = {
    SystemAlert.OFFLINE: SystemAlertText(
        subject="CIEGO monitor: sin red desde las {t}",
        head="CIEGO  El monitor no ve la red desde las {t} ({u})",
        means=(
            "Los destinos de prueba que no son nuestros no responden: falla la conexión de la "
            "máquina que controla. No se abre ningún incidente; la página muestra «sin datos»."
        ),
        remedy="Revise el enlace, la ruta y el DNS de la máquina que controla.",
    ),
    SystemAlert.ONLINE: SystemAlertText(
        subject="VE monitor: hay red, estaba ciego desde las {t}",
        head="VE  El monitor ve la red otra vez; estaba ciego desde las {t} ({u})",
        means="Los controles siguen solos. El tiempo sin datos queda como «sin datos».",
    ),
    SystemAlert.NO_RESOLVER: SystemAlertText(
        subject="SIN DNS monitor: no resuelve desde las {t}",
        head="SIN DNS  El monitor no resuelve nombres desde las {t} ({u})",
        means=(
            "Ninguno de sus servidores de nombres encuentra nada, tampoco los nombres de prueba. "
            "Lo que se controla por nombre queda «sin datos» y no abre ningún incidente; el resto"
            " sigue."
        ),
        remedy=(
            "Revise esos servidores de nombres y su salida a la red (resolv.conf, "
            "operations.resolver)."
        ),
    ),
    SystemAlert.RESOLVER_BACK: SystemAlertText(
        subject="RESUELVE monitor: no había DNS desde las {t}",
        head="RESUELVE  El monitor resuelve nombres otra vez; no podía desde las {t} ({u})",
        means="Los controles siguen solos. El tiempo sin datos queda como «sin datos».",
    ),
    SystemAlert.CONTRADICTED: SystemAlertText(
        subject="NO CONCUERDAN red y controles desde las {t}",
        head=("NO CONCUERDAN  Una prueba de la red propia y estos controles desde las {t} ({u})"),
        means=(
            "La prueba dice que la falla es de la red propia, mientras otros controles ven por "
            "ella. Los que se nombran quedan «sin datos»: una caída verdadera de ellos no se "
            "vería."
        ),
        remedy=(
            "Mire esos destinos a mano. Si fallan, elija otros destinos para la prueba "
            "(connectivity.targets, operations.resolver.controls), que respondan siempre."
        ),
    ),
    SystemAlert.CLOCK_SET: SystemAlertText(
        subject="RELOJ monitor: la hora {d}",
        head=("RELOJ  La hora de la máquina que controla {d}; desde las {t} ({u}) rige la nueva"),
        means=(
            "Los controles siguen con la hora nueva. El tiempo que el reloj salteó, y lo que se "
            "registró con una hora equivocada, queda «sin datos»: no abre incidentes ni cuenta "
            "como caída. Lo que sigue caído se vuelve a ver solo."
        ),
        remedy="Revise quién cambió la hora de esa máquina: NTP, chrony o el hipervisor.",
    ),
    SystemAlert.CLOCK_DOUBTED: SystemAlertText(
        subject="RELOJ monitor: hora no creíble desde las {t}",
        head="RELOJ  La hora de la máquina que controla no es creíble desde las {t} ({u})",
        means=(
            "Retrocedió más allá de lo que el registro puede volver a contar. El monitor sigue "
            "con su propia cuenta: controles, alertas y página siguen."
        ),
        remedy="Corrija la hora de esa máquina; el monitor la vuelve a seguir solo.",
    ),
    SystemAlert.CLOCK_TRUSTED: SystemAlertText(
        subject="RELOJ monitor: la hora es creíble otra vez",
        head=(
            "RELOJ  La hora de la máquina que controla vuelve a creerse; no se creía desde las "
            "{t} ({u})"
        ),
        means="Los controles siguen la hora de la máquina otra vez.",
    ),
    SystemAlert.STORE_STUCK: SystemAlertText(
        subject="ALMACÉN: resultados sin guardar desde las {t}",
        head="ALMACÉN  Los resultados no llegan al almacén desde las {t} ({u})",
        means=(
            "Los controles, las alertas, la página y las bonificaciones siguen: no dependen del "
            "almacén. Nada se pierde mientras el registro de resultados los conserve."
        ),
        remedy=(
            "Ejecute «estado store doctor{o}»: dice qué falta, como un token o un bucket. Si todo"
            " está bien allí, «estado health{o}» dice si el rol «store» funciona."
        ),
    ),
    SystemAlert.STORE_BACK: SystemAlertText(
        subject="ALMACÉN al día: no recibía desde las {t}",
        head="ALMACÉN  Los resultados llegan otra vez; no llegaban desde las {t} ({u})",
        means="Lo que esperaba en el registro se está guardando, en orden.",
    ),
    SystemAlert.LATE_RESULTS_REFUSED: SystemAlertText(
        subject="TARDE monitor: datos sin contar desde las {t}",
        head=(
            "TARDE  Desde las {t} ({u}) llegan resultados de un pasado que ya no se puede "
            "recalcular"
        ),
        means=(
            "El registro ya no conserva todo lo de esos días, o son de antes de la primera "
            "comprobación: lo que se decidió entonces queda como está, en la página y en las "
            "bonificaciones."
        ),
        remedy=(
            "Revise el reloj de la máquina que controla (timedatectl, chronyc tracking): casi "
            "siempre es una hora equivocada. estado_late_refused dice cuántos días fueron."
        ),
    ),
    SystemAlert.DISK_FULL: SystemAlertText(
        subject="LLENO monitor: disco lleno desde las {t}",
        head="LLENO  El disco del monitor está lleno desde las {t} ({u})",
        means=(
            "Los controles siguen en memoria; lo que no entra queda «sin datos», nunca como caída."
            " Mientras tanto no se decide ni se publica nada nuevo."
        ),
        remedy="Libere espacio en la carpeta de datos: todo sigue solo, sin reiniciar.",
    ),
    SystemAlert.JOURNAL_AWAY: SystemAlertText(
        subject="SIN DIARIO monitor: no responde desde las {t}",
        head="SIN DIARIO  La base del diario no responde desde las {t} ({u})",
        means=(
            "Los controles siguen y sus resultados quedan guardados. Hasta que la base vuelva no "
            "se abre ningún incidente ni sale otra alerta, y la página dice que sus datos son "
            "viejos."
        ),
        remedy="Revise la base de datos (operations.journal): todo sigue solo cuando vuelva.",
    ),
    SystemAlert.JOURNAL_HELD: SystemAlertText(
        subject="TOMADO monitor: diario, proceso {c}, las {t}",
        head="TOMADO  El proceso {c} ({a}) retiene el diario desde las {t} ({u})",
        means=(
            "No se puede registrar nada hasta que siga o termine. Los controles siguen y sus "
            "resultados se deciden en memoria: lo que falla se avisa con un mensaje como este, y "
            "otra vez como incidente cuando el diario quede libre. La página dice que sus datos "
            "son viejos."
        ),
        remedy=(
            "Revise ese proceso. Si está detenido (Ctrl-Z), sigue con: kill -CONT {c}. O termínelo "
            "con: kill -9 {c}. Lo que había escrito a medias se deshace."
        ),
    ),
    SystemAlert.UNRECORDED: SystemAlertText(
        subject="CAMBIÓ, aún sin registrar: {c}",
        head="CAMBIÓ  Visto a las {t} ({u}), con el diario retenido",
        means=(
            "Ahora no se puede escribir en el diario: todavía no hay un incidente abierto por "
            "esto. Cada cambio se avisa otra vez, como incidente y con las mismas horas, cuando el "
            "diario quede libre."
        ),
        remedy="Vea el mensaje sobre el diario: quién lo retiene y cómo liberarlo.",
    ),
    SystemAlert.ROLE_STOPPED: SystemAlertText(
        subject="DETENIDO monitor: su rol {c}, desde las {t}",
        head="DETENIDO  El proceso {a}, el rol {c}, no hace nada desde las {t} ({u})",
        means=(
            "Lo detuvo una señal, o lo retiene un depurador: no responde a nadie. Los otros roles "
            "siguen. Se lo termina y arranca de nuevo solo si el diario espera por él."
        ),
        remedy="Si nadie lo está mirando: kill -CONT {a}",
    ),
    SystemAlert.ROLE_RUNS: SystemAlertText(
        subject="ANDA monitor: su rol {c} sigue",
        head="ANDA  El rol {c} sigue; no hacía nada desde las {t} ({u})",
        means="Se lo dejó seguir, o arrancó de nuevo.",
    ),
    SystemAlert.WRITES_AGAIN: SystemAlertText(
        subject="ESCRIBE monitor: no podía desde las {t}",
        head="ESCRIBE  El monitor vuelve a escribir; no podía desde las {t} ({u})",
        means="Lo que se vio entretanto se decide ahora, con sus horas verdaderas.",
    ),
    SystemAlert.STALLING: SystemAlertText(
        subject="DETENIDO monitor: se para una y otra vez",
        head="DETENIDO  El monitor se detiene una y otra vez desde las {t} ({u})",
        means=(
            "Más de tres pausas en cinco minutos. Lo que no llegó a tiempo durante una pausa "
            "queda «sin datos» (stalled_monitor), nunca como caída; lo demás se juzga."
        ),
        remedy=(
            "Dé a la máquina más procesador y memoria; revise si se la pausa, si usa memoria en "
            "disco o si otros ocupan su procesador."
        ),
    ),
    SystemAlert.STEADY: SystemAlertText(
        subject="ESTABLE monitor: se detenía desde las {t}",
        head="ESTABLE  El monitor anda sin pausas; se detenía desde las {t} ({u})",
        means="Cinco minutos sin una sola pausa.",
    ),
    SystemAlert.JOURNAL_DAMAGED: SystemAlertText(
        subject="DAÑADO monitor: su diario, desde las {t}",
        head="DAÑADO  El diario del monitor está dañado; nada se decide desde las {t} ({u})",
        means=(
            "Nadie escribe más en él. Los controles siguen y se anotan, y la página sigue con lo "
            "último que se publicó y su hora; no habrá más alertas hasta que se lo recupere."
        ),
        remedy="Recupérelo en un archivo nuevo: estado journal recover{o}",
    ),
    SystemAlert.ALERTS_UNDELIVERED: SystemAlertText(
        subject="SIN SALIDA monitor: nada llega desde las {t}",
        head="SIN SALIDA  Ninguna alerta llega a nadie desde las {t} ({u})",
        means=(
            "Todas las rutas fallan: nadie supo de lo que pasó entretanto. Las alertas que se "
            "deben se siguen intentando."
        ),
        remedy=(
            "Revise los destinos de cada ruta; el motivo está en el registro (dispatch.failed)."
        ),
    ),
    SystemAlert.ALERTS_DELIVERED: SystemAlertText(
        subject="SALE monitor: las alertas llegan otra vez",
        head="SALE  Las alertas llegan otra vez; no llegaban desde las {t} ({u})",
        means="Lo que se debía se está enviando.",
    ),
    SystemAlert.RESULTS_LOST: SystemAlertText(
        subject="PERDIDO registro: empezó otro a las {t}",
        head="PERDIDO  El registro de resultados empezó de nuevo a las {t} ({u}): {c}, {a}",
        means=(
            "Estaba dañado, o lo movieron o lo reemplazaron. Lo que ya se había decidido y "
            "avisado queda; los resultados de ese archivo no se pueden volver a leer."
        ),
        remedy=(
            "Revise el disco. El archivo apartado sigue en la carpeta de datos: guárdelo hasta "
            "que nadie necesite esos resultados."
        ),
    ),
    SystemAlert.CHECK_BROKEN: SystemAlertText(
        subject="SIN DATOS {c}: falla por sí mismo",
        head="SIN DATOS  Cada comprobación de «{c}» falla por sí misma desde las {t} ({u})",
        means=(
            "Dijo: {a}. Eso no dice nada del destino: queda «sin datos», y una caída suya no se "
            "vería (probe_error)."
        ),
        remedy=(
            "Revise si están sus secretos y archivos, y pruébelo con «estado probe». Si es un "
            "error del programa, el registro del prober tiene la traza."
        ),
    ),
    SystemAlert.ADDRESS_REFUSED: SystemAlertText(
        subject="NO SEGUIDO {c}: lleva adentro",
        head="NO SEGUIDO  «{c}» lleva por un nombre a {a}, que no es pública",
        means=(
            "Aquí ese nombre resuelve a una dirección interna, y el monitor no la sigue: el "
            "control queda «sin datos» (address_refused) hasta que se decida."
        ),
        remedy=(
            "Si es lo que se quiere, agregue la red de {a} a operations.allow_private; si no, "
            "corrija el nombre en el DNS que usa esta máquina."
        ),
    ),
    SystemAlert.TARGET_REFUSES: SystemAlertText(
        subject="RECHAZADO {c}: no acepta alertas",
        head="RECHAZADO  El destino «{c}» rechaza las alertas desde las {t} ({u})",
        means="Dijo: {a}. Detrás de él no hay otro en su ruta; se le sigue insistiendo.",
        remedy="Revise la dirección y los permisos de ese destino (alerts.routes).",
    ),
    SystemAlert.CUSTOMERS_SAY: SystemAlertText(
        subject="{a} CLIENTES informan una falla: {c}",
        head="INFORMADO  {a} clientes dicen que falla {c} desde las {t} ({u})",
        means=(
            "Lo escribieron en la página desde redes distintas, en media hora. Los controles no "
            "ven ninguna falla y no hay ningún incidente abierto: puede ser algo que no miden. Por "
            "este componente no llega otro aviso en 6 horas."
        ),
        remedy="Para leerlos: estado problem list{o}\nPara informarlo: estado incident open{o}",
    ),
    SystemAlert.BUDGET_USED: SystemAlertText(
        subject="PRESUPUESTO usado, visto a las {t}",
        head="PRESUPUESTO  A las {t} ({u}) se había usado buena parte de una garantía",
        means="Los detalles de este aviso ya no están; los de ahora los dice el pronóstico.",
        remedy="Para verlo: estado forecast{o}",
    ),
    SystemAlert.BUDGET_BACK: SystemAlertText(
        subject="PRESUPUESTO recuperado, visto a las {t}",
        head="PRESUPUESTO  A las {t} ({u}) estaba usada menos caída que la que se había avisado",
        means="Se excluyó tiempo o se corrigió un resultado. No hay que hacer nada.",
        remedy="Para verlo: estado forecast{o}",
    ),
    SystemAlert.TOLD_BY_PERSON: SystemAlertText(
        subject="INFORMADO a mano: {a} abrió el incidente {c}",
        head="INFORMADO  {a} abrió a mano el incidente {c} a las {t} ({u})",
        means=(
            "Lo escribió una persona; el monitor no vio nada. No hay que atender este aviso, y no "
            "llega otro de lo que se escriba en él. La página lo muestra si es público."
        ),
        remedy="Para verlo: estado incident show {c}{o}",
    ),
}
