"""Failures of the monitor itself, and what the runner judges by the duration of a check run."""

from __future__ import annotations

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import Symptom
from probes._failures.wording import failure, words

OURS = (
    failure(
        "address_refused",
        Symptom.UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary=words(
            "El destino llevaba a una dirección que no es pública, y no se siguió.",
            "The target led to an address that is not public, and was not followed.",
        ),
        cause=words(
            "Una redirección, una lista o un nombre cambiado apunta a la red interna.",
            "A redirect, a playlist or a changed name points inside.",
        ),
        remedy=words(
            "Si es lo que se quiere, agregue su red en operations.allow_private.",
            "If it is meant, list its network under operations.allow_private.",
        ),
    ),
    failure(
        "no_network",
        Symptom.UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary=words(
            "El propio monitor estaba sin red.", "The monitor itself was without network."
        ),
        cause=words(
            "Ninguno de los destinos que comprueban la conexión respondió.",
            "None of the connectivity check's targets answered.",
        ),
        remedy=words(
            "Revise la conexión del propio monitor; del destino no se afirma nada.",
            "Look at the monitor's own line; nothing is said about the target.",
        ),
    ),
    failure(
        "stalled_monitor",
        Symptom.UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary=words(
            "El propio monitor estuvo detenido durante la comprobación.",
            "The monitor itself stood still during the look.",
        ),
        cause=words(
            "Una máquina virtual en pausa, memoria en disco, o un procesador ocupado por otros.",
            "A paused virtual machine, memory swapped out, or a processor given to others.",
        ),
        remedy=words(
            "Dé al monitor más procesador y memoria; del destino no se afirma nada.",
            "Give the monitor more processor and memory; nothing is said about the target.",
        ),
    ),
    failure(
        "no_resolver",
        Symptom.UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary=words(
            "El propio monitor no podía resolver nombres.",
            "The monitor itself could not resolve names.",
        ),
        cause=words(
            "Ningún servidor de nombres del monitor respondió por el nombre ni por los de prueba.",
            "None of the monitor's name servers answered for the name, nor for the control names.",
        ),
        remedy=words(
            "Revise el servidor de nombres del monitor (resolv.conf, operations.resolver) y su "
            "salida; del destino no se afirma nada.",
            "Look at the monitor's name server (resolv.conf, operations.resolver) and its way "
            "out; nothing is said about the target.",
        ),
    ),
    failure(
        "probe_error",
        Symptom.UNSEEN,
        outcome=Outcome.UNKNOWN,
        summary=words("Falló la propia comprobación.", "The look itself failed."),
        cause=words(
            "Un error del programa, un secreto o archivo que falta, o el monitor sin recursos.",
            "A bug, a missing secret or file, or no resources left on the monitor.",
        ),
        remedy=words(
            "Lea el registro de «prober» en ese segundo.", "Read the prober's log at that second."
        ),
    ),
)

JUDGED = (
    failure(
        "too_slow",
        Symptom.SLOW,
        is_timing=True,
        outcome=Outcome.DEGRADED,
        summary=words(
            "Funcionó, pero tardó más que el umbral.",
            "It worked, and took longer than the threshold.",
        ),
        cause=words(
            "Carga, una base de datos o una red lenta, o un umbral demasiado justo.",
            "Load, a slow database or network, or a threshold that is too tight.",
        ),
        remedy=words(
            "Compare las fases con las de un día normal: la que creció dice dónde buscar.",
            "Compare the phases with a normal day's: the one that grew says where.",
        ),
    ),
)
