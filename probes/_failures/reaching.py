"""Failures on the way to any service, before the service itself is judged."""

from __future__ import annotations

from monitor.domain.checks.symptoms import Symptom
from probes._failures.wording import failure, words

REACHING = (
    failure(
        "conn_refused",
        Symptom.SILENT,
        summary=words("El servidor rechazó la conexión.", "The host refused the connection."),
        cause=words(
            "Nada escucha en ese puerto, o un cortafuegos la rechaza.",
            "Nothing listens on that port, or a firewall rejects it.",
        ),
        remedy=words(
            "Revise si el servicio está en marcha y en qué dirección escucha.",
            "See whether the service runs and on which address it listens.",
        ),
    ),
    failure(
        "conn_reset",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "La conexión se cerró antes de que la respuesta estuviera completa.",
            "The connection was closed before the answer was whole.",
        ),
        cause=words(
            "El servicio se cayó o se reinició, o algo intermedio corta las conexiones.",
            "The service crashed or restarted, or something between cuts connections.",
        ),
        remedy=words(
            "Lea el registro del servicio en ese segundo; revise proxies y límites de conexiones.",
            "Read the service's log at that second; look at proxies and connection limits.",
        ),
    ),
    failure(
        "net_unreachable",
        Symptom.SILENT,
        summary=words("No hay camino hasta la dirección.", "There is no way to the address."),
        cause=words(
            "Falta una ruta, el servidor está apagado, o esta máquina no tiene esa versión de IP.",
            "A route is missing, the host is off, or this machine lacks that family.",
        ),
        remedy=words(
            "Trace la ruta desde aquí y desde otro lugar.",
            "Trace the route from here and from elsewhere.",
        ),
    ),
    failure(
        "dns_nxdomain",
        Symptom.NOT_FOUND,
        summary=words("El nombre no existe.", "The name does not exist."),
        cause=words(
            "Se borró el registro, venció el dominio, o el nombre está mal escrito.",
            "The record was removed, the domain expired, or the name is misspelt.",
        ),
        remedy=words(
            "Consulte a los servidores de nombres de la zona; revise el registro del dominio.",
            "Ask the zone's own name servers; check the registration.",
        ),
    ),
    failure(
        "dns_fail",
        Symptom.NOT_FOUND,
        summary=words("No se pudo resolver el nombre.", "The name could not be resolved."),
        cause=words(
            "Los servidores de nombres dan error, o no tienen direcciones de esa versión de IP.",
            "The name servers answer with an error, or have no address of the wanted family.",
        ),
        remedy=words(
            "Consulte a cada servidor de nombres por separado; revise la delegación y DNSSEC.",
            "Ask each name server in turn; look at delegation and DNSSEC.",
        ),
    ),
    failure(
        "dns_timeout",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "Ningún servidor de nombres respondió a tiempo.", "No name server answered in time."
        ),
        cause=words(
            "El resolutor o los servidores de la zona están caídos o no se puede llegar a ellos.",
            "The resolver or the zone's servers are down or unreachable.",
        ),
        remedy=words(
            "Consulte directamente al resolutor de resolv.conf y a los servidores de la zona.",
            "Ask the resolver in resolv.conf and the zone's servers directly.",
        ),
    ),
    failure(
        "leads_nowhere",
        Symptom.SILENT,
        summary=words(
            "El destino envía a sus visitantes a una dirección que no es pública.",
            "The target sends its visitors to an address that is not public.",
        ),
        cause=words(
            "Una redirección o una lista nombra localhost, una red privada o la máquina misma.",
            "A redirect or a playlist names localhost, a private network or the machine itself.",
        ),
        remedy=words(
            "Corrija la dirección pública; si se quiere así, use operations.allow_private.",
            "Mend the public address; if it is meant so, use operations.allow_private.",
        ),
    ),
    failure(
        "connect_timeout",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "Nadie respondió a la conexión a tiempo.", "Nobody answered the connection in time."
        ),
        cause=words(
            "El servidor está apagado, un cortafuegos descarta paquetes, o la cola está llena.",
            "The host is off, a firewall drops packets, or the queue of connections is full.",
        ),
        remedy=words(
            "Revise la carga del servidor y el cortafuegos; trace la ruta.",
            "Look at the host's load and at the firewall; trace the route.",
        ),
    ),
    failure(
        "greeting_timeout",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "La conexión está abierta, pero el servicio no saludó a tiempo.",
            "The connection stands but the service did not greet in time.",
        ),
        cause=words(
            "El servicio está colgado o se quedó sin procesos libres.",
            "The service hangs or is out of workers.",
        ),
        remedy=words(
            "Revise sus procesos y qué esperan; reinícielo si está colgado.",
            "Look at its workers and what they wait for; restart it if it hangs.",
        ),
    ),
    failure(
        "read_timeout",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "El servicio recibió el pedido y no respondió a tiempo.",
            "The service took the request and did not answer in time.",
        ),
        cause=words(
            "Está colgado, espera a otro sistema, o está sobrecargado.",
            "It hangs, waits for something behind it, or is overloaded.",
        ),
        remedy=words(
            "Revise sus procesos, su base de datos y la carga.",
            "Look at its workers, its database and the load.",
        ),
    ),
    failure(
        "total_timeout",
        Symptom.SILENT,
        is_timing=True,
        summary=words(
            "Se acabó el tiempo mientras todavía llegaban datos.",
            "Time ran out while bytes still came.",
        ),
        cause=words(
            "La respuesta no termina o llega a gotas: sobrecarga, o un límite de velocidad.",
            "The answer is endless or trickles: overload, or a limit on the rate.",
        ),
        remedy=words(
            "Descárguela a mano y mire la velocidad; suba el tiempo límite si eso es lo normal.",
            "Fetch it by hand and watch its speed; raise the timeout if that is how it is.",
        ),
    ),
    failure(
        "protocol_error",
        Symptom.ERRORS,
        summary=words(
            "Lo que llegó no es el protocolo esperado.",
            "What came is not the protocol that was expected.",
        ),
        cause=words(
            "Otro servicio responde en ese puerto, o está roto.",
            "Another service answers on that port, or it is broken.",
        ),
        remedy=words(
            "Repita con --transcript y lea lo que dice.",
            "Repeat with --transcript and read what it says.",
        ),
    ),
    failure(
        "too_large",
        Symptom.WRONG_DATA,
        summary=words(
            "Un mensaje que debía terminar superó su límite.",
            "A message that must end went past its limit.",
        ),
        cause=words(
            "El servicio envía sin fin, o mucho más de lo debido.",
            "The service sends without end, or far more than it should.",
        ),
        remedy=words(
            "Descárguelo a mano; suba max_bytes si ese tamaño es correcto.",
            "Fetch it by hand; raise max_bytes if that size is right.",
        ),
    ),
)
