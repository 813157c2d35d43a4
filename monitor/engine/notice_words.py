"""What a notice of the monitor about itself says, by its kind and language.

Placeholders: `{t}` the time, `{u}` its zone; `{o}` the options of a command; `{c}` a check and
`{a}` an address, where it is about one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.formats import Lang
from monitor.engine.distress import Trouble
from monitor.engine.log_losses import LOG_LOST
from monitor.engine.refused_watch import REFUSED
from monitor.engine.refusing_target import TARGET_REFUSES
from monitor.engine.stall_watch import STALLING, STEADY


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeWords:
    """`remedy` is empty where nothing is to be done."""

    subject: str
    head: str
    means: str
    remedy: str = ""


_ES: Mapping[str, NoticeWords] = {
    STALLING: NoticeWords(
        subject="DETENIDO control: se para una y otra vez",
        head="DETENIDO  El control se detiene una y otra vez desde las {t} ({u})",
        means=(
            "Más de tres pausas en cinco minutos. Lo que no llegó a tiempo durante una pausa queda "
            "«sin datos» (stalled_monitor), nunca como caída; lo demás se juzga."
        ),
        remedy=(
            "Dé a la máquina más procesador y memoria; revise si se la pausa, si usa memoria en "
            "disco o si otros ocupan su procesador."
        ),
    ),
    STEADY: NoticeWords(
        subject="ESTABLE control: se detenía desde las {t}",
        head="ESTABLE  El control anda sin pausas; se detenía desde las {t} ({u})",
        means="Cinco minutos sin una sola pausa.",
    ),
    Trouble.DAMAGED: NoticeWords(
        subject="DAÑADO control: su diario, desde las {t}",
        head="DAÑADO  El diario del control está dañado; nada se decide desde las {t} ({u})",
        means=(
            "Nadie escribe más en él. Los chequeos siguen y se anotan, y la página sigue con lo "
            "último que se publicó y su hora; no habrá más alertas hasta que se lo recupere."
        ),
        remedy="Recupérelo en un archivo nuevo: estado journal recover{o}",
    ),
    Trouble.UNHEARD: NoticeWords(
        subject="SIN SALIDA control: nada llega desde las {t}",
        head="SIN SALIDA  Ninguna alerta llega a nadie desde las {t} ({u})",
        means=(
            "Todas las rutas fallan: nadie supo de lo que pasó entretanto. Las alertas que se "
            "deben se siguen intentando."
        ),
        remedy="Revise los destinos de cada ruta; el motivo está en el registro (dispatch.failed).",
    ),
    Trouble.HEARD: NoticeWords(
        subject="SALE control: las alertas llegan otra vez",
        head="SALE  Las alertas llegan otra vez; no llegaban desde las {t} ({u})",
        means="Lo que se debía se está enviando.",
    ),
    LOG_LOST: NoticeWords(
        subject="PERDIDO registro de resultados: empezó otro a las {t}",
        head="PERDIDO  El registro de resultados empezó de nuevo a las {t} ({u}): {c}, {a}",
        means=(
            "Estaba dañado, o lo movieron o lo reemplazaron. Lo que ya se había decidido y avisado "
            "queda; las miradas de ese archivo no se pueden volver a leer."
        ),
        remedy=(
            "Revise el disco. El archivo apartado sigue en la carpeta de datos: guárdelo hasta que "
            "nadie necesite esas miradas."
        ),
    ),
    REFUSED: NoticeWords(
        subject="NO SEGUIDO {c}: lleva adentro",
        head="NO SEGUIDO  «{c}» lleva por un nombre a {a}, que no es pública",
        means=(
            "Aquí ese nombre resuelve a una dirección interna, y el control no la sigue: el "
            "chequeo queda «sin datos» (address_refused) hasta que se decida."
        ),
        remedy=(
            "Si es lo que se quiere, agregue la red de {a} a operations.allow_private; si no, "
            "corrija el nombre en el DNS que usa esta máquina."
        ),
    ),
    TARGET_REFUSES: NoticeWords(
        subject="RECHAZADO {c}: no acepta alertas",
        head="RECHAZADO  El destino «{c}» rechaza las alertas desde las {t} ({u})",
        means="Dijo: {a}. Detrás de él no hay otro en su ruta; se le sigue insistiendo.",
        remedy="Revise la dirección y los permisos de ese destino (alerts.routes).",
    ),
}
_EN: Mapping[str, NoticeWords] = {
    STALLING: NoticeWords(
        subject="STALLED monitor: it stands still repeatedly",
        head="STALLED  The monitor has stood still again and again since {t} ({u})",
        means=(
            "More than three pauses within five minutes. What did not come in time during one is "
            "without data (stalled_monitor), never down; all else is judged."
        ),
        remedy=(
            "Give the machine more processor and memory; see whether it is paused, swaps, or has "
            "its processor taken by others."
        ),
    ),
    STEADY: NoticeWords(
        subject="STEADY monitor: it stood still since {t}",
        head="STEADY  The monitor runs without pauses; it stood still since {t} ({u})",
        means="Five minutes without a single pause.",
    ),
    Trouble.DAMAGED: NoticeWords(
        subject="DAMAGED monitor: its journal, since {t}",
        head="DAMAGED  The monitor's journal is damaged; nothing is decided since {t} ({u})",
        means=(
            "Nobody writes to it any more. Checks go on and are logged, and the page goes on with "
            "what was published last and its time; no more alerts until it is recovered."
        ),
        remedy="Recover it into a new file: estado journal recover{o}",
    ),
    Trouble.UNHEARD: NoticeWords(
        subject="UNHEARD monitor: no alert arrives since {t}",
        head="UNHEARD  No alert has reached anybody since {t} ({u})",
        means=(
            "Every route fails: nobody has heard of what happened meanwhile. What is owed is tried "
            "again and again."
        ),
        remedy="Look at each route's targets; the reason is in the log (dispatch.failed).",
    ),
    Trouble.HEARD: NoticeWords(
        subject="HEARD monitor: alerts arrive again",
        head="HEARD  Alerts arrive again; they had not since {t} ({u})",
        means="What was owed is being sent.",
    ),
    LOG_LOST: NoticeWords(
        subject="LOST result log: another begins at {t}",
        head="LOST  The result log began anew at {t} ({u}): {c}, {a}",
        means=(
            "It was damaged, moved or replaced. What had been decided and told stays; the looks of "
            "that file cannot be read again."
        ),
        remedy=(
            "See after the disk. What was set aside is still in the data folder: keep it until "
            "nobody needs those looks."
        ),
    ),
    REFUSED: NoticeWords(
        subject="NOT FOLLOWED {c}: it leads inside",
        head="NOT FOLLOWED  “{c}” leads by a name to {a}, which is not public",
        means=(
            "Here that name resolves to an address inside, and the monitor does not follow it: the "
            "check is without data (address_refused) until somebody decides."
        ),
        remedy=(
            "If it is meant, add the network of {a} to operations.allow_private; if not, mend the "
            "name in the DNS that this machine uses."
        ),
    ),
    TARGET_REFUSES: NoticeWords(
        subject="REFUSED {c}: it takes no alerts",
        head="REFUSED  The target “{c}” has refused alerts since {t} ({u})",
        means="It said: {a}. None stands behind it in its route; it is tried again and again.",
        remedy="Look at the address and the permissions of that target (alerts.routes).",
    ),
}
NOTICE_WORDS: Mapping[Lang, Mapping[str, NoticeWords]] = {Lang.ES: _ES, Lang.EN: _EN}
