"""The failure classes of `http`."""

from __future__ import annotations

from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.checks.symptoms import Symptom
from probes._failures import SHARED, failure, words
from probes._kind import by_id
from probes.http.expect import (
    BODY_MISMATCH,
    HEADER_MISMATCH,
    JSON_MISMATCH,
    REDIRECT_LOOP,
    SIZE,
    STALE_CONTENT,
    STATUS_MISMATCH,
)

PROTO_DOWNGRADE = FailureId("proto_downgrade")

_OWN = (
    failure(
        STATUS_MISMATCH,
        Symptom.ERRORS,
        summary=words(
            "El código de la respuesta no es uno de los esperados.",
            "The answer's status is not an expected one.",
        ),
        cause=words(
            "El sitio muestra una página de error, o la página se mudó.",
            "The site shows an error page, or the page has moved.",
        ),
        remedy=words(
            "Lea el registro de errores del sitio en ese segundo.",
            "Read the site's error log at that second.",
        ),
    ),
    failure(
        HEADER_MISMATCH,
        Symptom.WRONG_DATA,
        summary=words(
            "Falta un encabezado, o dice otra cosa.", "A header is missing or says something else."
        ),
        cause=words(
            "Responde otro servidor, o cambió su configuración.",
            "Another server answers, or its configuration changed.",
        ),
        remedy=words(
            "Compare los encabezados con --transcript.", "Compare the headers with --transcript."
        ),
    ),
    failure(
        BODY_MISMATCH,
        Symptom.WRONG_DATA,
        summary=words("La página no dice lo que debería.", "The page does not say what it should."),
        cause=words(
            "Una página de error con código 200, un sitio alterado, o un texto que cambió.",
            "An error page with status 200, a defaced site, or a changed text.",
        ),
        remedy=words(
            "Mire la página; si está bien, cambie lo que se espera de ella.",
            "Look at the page; if it is right, change what is expected.",
        ),
    ),
    failure(
        JSON_MISMATCH,
        Symptom.WRONG_DATA,
        summary=words(
            "El JSON no contiene el valor esperado.", "The JSON does not hold the expected value."
        ),
        cause=words(
            "Una parte detrás de la interfaz avisa de un problema, o cambió el formato.",
            "A part behind the interface reports trouble, or the format changed.",
        ),
        remedy=words(
            "Descárguelo y mire la ruta que nombra el mensaje.",
            "Fetch it and look at the path that the message names.",
        ),
    ),
    failure(
        SIZE,
        Symptom.WRONG_DATA,
        summary=words(
            "El cuerpo es más chico o más grande de lo debido.",
            "The body is smaller or larger than it should be.",
        ),
        cause=words(
            "Una página vacía o cortada, u otra cosa en esa dirección.",
            "An empty or cut page, or something else at that address.",
        ),
        remedy=words(
            "Mire la página; ajuste min_size y max_size si está bien.",
            "Look at the page; adjust min_size and max_size if it is right.",
        ),
    ),
    failure(
        STALE_CONTENT,
        Symptom.OLD_DATA,
        summary=words(
            "El contenido es más viejo de lo permitido.", "The content is older than it may be."
        ),
        cause=words(
            "Se detuvo la tarea que lo genera, o una caché lo retiene.",
            "The job that makes it has stopped, or a cache holds on to it.",
        ),
        remedy=words(
            "Revise esa tarea y después las cachés.", "Look at that job, then at the caches."
        ),
    ),
    failure(
        PROTO_DOWNGRADE,
        Symptom.OLD_PROTOCOL,
        outcome=Outcome.DEGRADED,
        summary=words(
            "Responde por HTTP/1.1 y no por HTTP/2.", "It answers in HTTP/1.1 and not in HTTP/2."
        ),
        cause=words(
            "Se desactivó HTTP/2, o responde otro servidor o un intermediario.",
            "HTTP/2 was switched off, or another server or something between answers.",
        ),
        remedy=words(
            "Revise la configuración de TLS (ALPN) del servidor; quite http_version si da igual.",
            "Look at the server's TLS settings (ALPN); drop http_version where it does not matter.",
        ),
    ),
    failure(
        REDIRECT_LOOP,
        Symptom.ERRORS,
        summary=words("Las redirecciones no terminan.", "The redirects do not end."),
        cause=words(
            "Dos reglas se pasan la visita una a otra; suele ser http y https tras un proxy.",
            "Two rules send visitors to each other, often http and https behind a proxy.",
        ),
        remedy=words(
            "Siga el recorrido que figura en la evidencia.", "Follow the trail in the evidence."
        ),
    ),
)

FAILURES = by_id((*SHARED, *_OWN))
