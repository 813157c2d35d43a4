"""The failure classes of `hls`."""

from __future__ import annotations

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.checks.symptoms import Symptom
from probes._failures import failure, words
from probes._kind import by_id
from probes.hls.playlist import SPEC_VIOLATION
from probes.http.failures import FAILURES as HTTP_FAILURES

STALE_PLAYLIST = FailureId("stale_playlist")
SEGMENT_404 = FailureId("segment_404")
SLOW_SEGMENT = FailureId("slow_segment")
SEQUENCE_RESET = FailureId("sequence_reset")
LIVE_EDGE_LAG = FailureId("live_edge_lag")
NOT_MEDIA = FailureId("not_media")
KEY_MISSING = FailureId("key_missing")
INIT_MISSING = FailureId("init_missing")
RENDITION_MISSING = FailureId("rendition_missing")
_OWN = (
    failure(
        STALE_PLAYLIST,
        Symptom.STUCK,
        is_timing=True,
        summary=words(
            "La lista no avanza desde hace una vez y media la duración objetivo.",
            "The playlist has not advanced for one and a half target durations.",
        ),
        cause=words(
            "El codificador está congelado o detenido; se sigue sirviendo la lista vieja.",
            "The encoder is frozen or stopped; the old playlist is still served.",
        ),
        remedy=words(
            "Revise el codificador y su entrada; reinícielo.",
            "Look at the encoder and at its input; restart it.",
        ),
    ),
    failure(
        SEGMENT_404,
        Symptom.STUCK,
        summary=words(
            "El segmento más nuevo que nombra la lista no está.",
            "The newest segment that the playlist names is not there.",
        ),
        cause=words(
            "El codificador escribe la lista antes que el segmento, o una caché está atrasada.",
            "The encoder writes the playlist before the segment, or a cache is behind.",
        ),
        remedy=words(
            "Revise la carpeta de segmentos y la caché que tiene delante.",
            "Look at the folder of segments and at the cache in front of it.",
        ),
    ),
    failure(
        SLOW_SEGMENT,
        Symptom.CUTTING,
        is_timing=True,
        outcome=Outcome.DEGRADED,
        summary=words(
            "El segmento más nuevo tardó en llegar más de lo que dura.",
            "The newest segment took longer to come than it plays.",
        ),
        cause=words(
            "El enlace del servidor está lleno, o el disco está lento.",
            "The server's line is full, or the disk is slow.",
        ),
        remedy=words("Revise el tráfico del servidor.", "Look at the server's traffic."),
    ),
    failure(
        SEQUENCE_RESET,
        Symptom.CUTTING,
        outcome=Outcome.DEGRADED,
        summary=words(
            "La numeración de la lista volvió atrás.", "The playlist's numbers went back."
        ),
        cause=words(
            "El codificador se reinició y empezó a contar de nuevo.",
            "The encoder was restarted and began to count anew.",
        ),
        remedy=words(
            "Averigüe por qué se reinicia el codificador.", "Look why the encoder restarts."
        ),
    ),
    failure(
        SPEC_VIOLATION,
        Symptom.CUTTING,
        outcome=Outcome.DEGRADED,
        summary=words(
            "La lista no cumple las reglas que necesitan los reproductores.",
            "The playlist breaks the rules that players rely on.",
        ),
        cause=words("Un codificador o empaquetador defectuoso.", "A faulty encoder or packager."),
        remedy=words(
            "Lea el mensaje; compare con la RFC 8216.", "Read the message; compare with RFC 8216."
        ),
    ),
    failure(
        LIVE_EDGE_LAG,
        Symptom.BEHIND,
        outcome=Outcome.DEGRADED,
        summary=words(
            "Lo más nuevo de la lista es viejo según su propia fecha.",
            "The newest of the playlist is old by its own date.",
        ),
        cause=words(
            "Algo detrás retiene la señal, una caché sirve listas viejas, o el reloj del "
            "codificador está mal.",
            "Something behind holds the signal back, a cache serves old playlists, or the "
            "encoder's clock is wrong.",
        ),
        remedy=words(
            "Compare EXT-X-PROGRAM-DATE-TIME con la hora; mire el reloj del codificador y las "
            "cachés. El límite es max_edge_lag_s.",
            "Compare EXT-X-PROGRAM-DATE-TIME with the time; look at the encoder's clock and at "
            "the caches. The limit is max_edge_lag_s.",
        ),
    ),
    failure(
        NOT_MEDIA,
        Symptom.STUCK,
        summary=words(
            "El segmento más nuevo no es sonido ni imagen: es una página, un texto, o está vacío.",
            "The newest segment is no sound or picture: it is a page, a text, or empty.",
        ),
        cause=words(
            "Una página de error con código 200, o el codificador escribió un archivo vacío.",
            "An error page with status 200, or the encoder wrote an empty file.",
        ),
        remedy=words(
            "Descargue el segmento que figura en la evidencia y mire lo que es.",
            "Fetch the segment that stands in the evidence and look at what it is.",
        ),
    ),
    failure(
        KEY_MISSING,
        Symptom.STUCK,
        summary=words(
            "La clave con la que se cifró el segmento más nuevo no está.",
            "The key of the newest segment's encryption is not there.",
        ),
        cause=words(
            "El servidor de claves no la tiene, o la lista nombra otra.",
            "The key server does not have it, or the playlist names another.",
        ),
        remedy=words(
            "Pida la clave que figura en el mensaje; revise el servidor de claves.",
            "Ask for the key that the message names; look at the key server.",
        ),
    ),
    failure(
        INIT_MISSING,
        Symptom.STUCK,
        summary=words(
            "El segmento inicial (EXT-X-MAP), sin el que nada se decodifica, no está.",
            "The init segment (EXT-X-MAP), without which nothing is decoded, is not there.",
        ),
        cause=words(
            "Se borró con los segmentos viejos, o el empaquetador se reinició.",
            "It was removed with old segments, or the packager was restarted.",
        ),
        remedy=words(
            "Revise la carpeta de segmentos y el empaquetador.",
            "Look at the folder of segments and at the packager.",
        ),
    ),
    failure(
        RENDITION_MISSING,
        Symptom.CUTTING,
        outcome=Outcome.DEGRADED,
        summary=words(
            "Falta una de las versiones que ofrece la lista maestra.",
            "One of the versions that the master playlist offers is missing.",
        ),
        cause=words(
            "Se detuvo la codificación de una calidad o de un grupo de sonido.",
            "The encoding of one quality, or of one group of sound, has stopped.",
        ),
        remedy=words(
            "Pida la lista que nombra el mensaje; revise esa salida del codificador.",
            "Ask for the playlist that the message names; look at that output of the encoder.",
        ),
    ),
)
FAILURES = by_id((*HTTP_FAILURES.values(), *_OWN))
