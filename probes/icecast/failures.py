"""The failure classes of `icecast`."""

from __future__ import annotations

from monitor.domain.checks.observation import FailureClass, FailureId
from monitor.domain.checks.symptoms import Symptom
from probes._failures import SHARED, failure, words
from probes._kind import by_id
from probes.http.expect import REDIRECT_LOOP
from probes.http.failures import FAILURES as HTTP_FAILURES

MOUNT_MISSING = FailureId("mount_missing")
LISTENER_LIMIT = FailureId("listener_limit")
WRONG_CODEC = FailureId("wrong_codec")
AUTH_REQUIRED = FailureId("auth_required")
PLAYLIST_INSTEAD = FailureId("playlist_instead")
STALLED = FailureId("stalled")
BITRATE_LOW = FailureId("bitrate_low")

_OWN: tuple[FailureClass, ...] = (
    failure(
        "mount_missing",
        Symptom.NO_SOUND,
        summary=words(
            "El servidor no conoce ese punto de montaje.", "The server knows no such mount."
        ),
        cause=words(
            "La fuente no está conectada, o el punto de montaje cambió de nombre.",
            "The source is not connected, or the mount was renamed.",
        ),
        remedy=words(
            "Revise si la fuente está en marcha y qué punto de montaje usa.",
            "See whether the source runs and which mount it names.",
        ),
    ),
    failure(
        "listener_limit",
        Symptom.FULL,
        summary=words(
            "El servidor no acepta más oyentes en ese punto de montaje.",
            "The server takes no further listeners on the mount.",
        ),
        cause=words(
            "Se alcanzó el límite de oyentes del plan, o el punto de montaje está cerrado.",
            "The plan's listener limit is reached, or the mount is closed.",
        ),
        remedy=words(
            "Revise la cantidad de oyentes y el límite.",
            "Look at the number of listeners and at the limit.",
        ),
    ),
    failure(
        "wrong_codec",
        Symptom.WRONG_DATA,
        summary=words(
            "La transmisión es de otro tipo de contenido que el debido.",
            "The stream is of another content type than it should be.",
        ),
        cause=words(
            "La fuente se configuró de otra manera, o responde una página y no la transmisión.",
            "The source was configured anew, or a page answers instead of the stream.",
        ),
        remedy=words("Revise el codificador de la fuente.", "Look at the source's encoder."),
    ),
    failure(
        "auth_required",
        Symptom.NO_SOUND,
        summary=words(
            "El punto de montaje pide usuario y contraseña a sus oyentes.",
            "The mount asks its listeners for a user and a password.",
        ),
        cause=words(
            "Se activó la autenticación de oyentes, o responde un proxy que la pide.",
            "Listener authentication was turned on, or a proxy that asks for it answers.",
        ),
        remedy=words(
            "Revise la autenticación del punto de montaje y de lo que tiene delante.",
            "Look at the authentication of the mount and of what stands before it.",
        ),
    ),
    failure(
        "playlist_instead",
        Symptom.WRONG_DATA,
        summary=words(
            "Responde una lista de reproducción y no la transmisión.",
            "A playlist answers instead of the stream.",
        ),
        cause=words(
            "La dirección es la de la lista (.m3u, .pls) que nombra la transmisión.",
            "The address is that of the playlist (.m3u, .pls) which names the stream.",
        ),
        remedy=words(
            "Ponga la dirección que nombra la lista; para HLS use el tipo hls.",
            "Give the address that the playlist names; for HLS use the kind hls.",
        ),
    ),
    failure(
        "stalled",
        Symptom.NO_SOUND,
        is_timing=True,
        summary=words(
            "Después de la ráfaga inicial no llegaron más datos.",
            "After the burst no more bytes came.",
        ),
        cause=words(
            "La fuente dejó de enviar y el servidor todavía no lo notó.",
            "The source stopped sending and the server has not noticed yet.",
        ),
        remedy=words(
            "Revise la fuente: su codificador y su conexión.",
            "Look at the source: its encoder, its line.",
        ),
    ),
    failure(
        "bitrate_low",
        Symptom.CUTTING,
        is_timing=True,
        summary=words(
            "Los datos llegan más despacio de lo que suena la transmisión.",
            "Bytes come more slowly than the stream plays.",
        ),
        cause=words(
            "La conexión de la fuente, o la del servidor, es demasiado lenta o está llena.",
            "The source's line, or the server's, is too slow or full.",
        ),
        remedy=words(
            "Revise el tráfico del servidor y la conexión de la fuente.",
            "Look at the server's traffic and at the source's line.",
        ),
    ),
)
FAILURES = by_id((*SHARED, HTTP_FAILURES[REDIRECT_LOOP], *_OWN))
