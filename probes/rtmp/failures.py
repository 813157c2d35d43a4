"""The failure classes of `rtmp`."""

from __future__ import annotations

from monitor.domain.checks.observation import FailureId
from monitor.domain.checks.symptoms import Symptom
from probes._failures import SHARED, failure, words
from probes._kind import by_id

_OWN = (
    failure(
        "handshake",
        Symptom.NO_MEDIA,
        summary=words("La negociación RTMP falló.", "The RTMP handshake failed."),
        cause=words(
            "Otra cosa escucha en ese puerto, o el servidor está roto.",
            "Something else listens on that port, or the server is broken.",
        ),
        remedy=words(
            "Revise qué escucha ahí; reinicie el servidor de streaming.",
            "See what listens there; restart the streaming server.",
        ),
    ),
    failure(
        "app_rejected",
        Symptom.NO_MEDIA,
        summary=words("El servidor rechazó la aplicación.", "The server refused the application."),
        cause=words(
            "La aplicación no está configurada, o su acceso está limitado.",
            "The application is not configured, or access to it is limited.",
        ),
        remedy=words(
            "Compare el nombre de la aplicación con la configuración del servidor.",
            "Compare the application's name with the server's configuration.",
        ),
    ),
    failure(
        "stream_not_found",
        Symptom.NO_MEDIA,
        summary=words("El servidor no conoce esa transmisión.", "The server knows no such stream."),
        cause=words(
            "Nadie la publica, o se publica con otro nombre.",
            "Nobody publishes it, or under another name.",
        ),
        remedy=words(
            "Revise si el codificador está en marcha y con qué nombre publica.",
            "See whether the encoder runs and which name it publishes.",
        ),
    ),
    failure(
        "no_media",
        Symptom.NO_MEDIA,
        summary=words(
            "La transmisión se abrió, pero no llegó sonido ni imagen, o no siguió llegando.",
            "The stream was opened but no sound or picture came, or it did not go on coming.",
        ),
        cause=words(
            "El codificador se detuvo, o no publica nada; el servidor da lo que tenía guardado.",
            "The encoder stopped, or publishes nothing; the server gives what it had in store.",
        ),
        remedy=words(
            "Revise el codificador y su conexión.", "Look at the encoder and at its line."
        ),
    ),
)
FAILURES = by_id((*SHARED, *_OWN))
HANDSHAKE, APP_REJECTED, NOT_FOUND, NO_MEDIA = (FailureId(f.id) for f in _OWN)
