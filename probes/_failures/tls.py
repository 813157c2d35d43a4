"""Failures of TLS: the handshake, the certificate, its chain."""

from __future__ import annotations

from monitor.domain.checks.observation import Outcome
from monitor.domain.checks.symptoms import Symptom
from probes._failures.wording import failure, words

TLS = (
    failure(
        "tls_timeout",
        Symptom.UNSECURED,
        is_timing=True,
        summary=words(
            "La negociación TLS no terminó a tiempo.", "The TLS handshake did not end in time."
        ),
        cause=words(
            "El servicio está colgado o sobrecargado, o no habla TLS en ese puerto.",
            "The service hangs, is overloaded, or speaks no TLS on that port.",
        ),
        remedy=words(
            "Pruebe la negociación a mano; revise la carga del servicio.",
            "Try the handshake by hand; look at the service's load.",
        ),
    ),
    failure(
        "tls_handshake",
        Symptom.UNSECURED,
        summary=words("La negociación TLS falló.", "The TLS handshake failed."),
        cause=words(
            "No hay versión ni cifrado en común, o ese puerto no habla TLS.",
            "No version or cipher in common, or that port speaks no TLS.",
        ),
        remedy=words(
            "Repita con --transcript; revise la configuración TLS del servicio.",
            "Repeat with --transcript; check the service's TLS settings.",
        ),
    ),
    failure(
        "cert_expired",
        Symptom.UNSAFE,
        summary=words("El certificado venció.", "The certificate has expired."),
        cause=words(
            "No se renovó, o se renovó y el servicio no se recargó después.",
            "It was not renewed, or the service was not reloaded after it was.",
        ),
        remedy=words("Renuévelo y recargue el servicio.", "Renew it, reload the service."),
    ),
    failure(
        "cert_not_yet_valid",
        Symptom.UNSAFE,
        summary=words(
            "El certificado, o uno de su cadena, todavía no es válido.",
            "The certificate, or one of its chain, is not valid yet.",
        ),
        cause=words(
            "Se emitió con fecha futura, o el reloj de este monitor está atrasado.",
            "It was issued for a later date, or this monitor's own clock is behind.",
        ),
        remedy=words(
            "Compare primero el reloj de este monitor con otro; después reemita el certificado.",
            "Compare this monitor's clock with another one first; then issue the certificate anew.",
        ),
    ),
    failure(
        "cert_invalid",
        Symptom.UNSAFE,
        summary=words(
            "La cadena del certificado no se puede validar.",
            "The certificate's chain cannot be validated.",
        ),
        cause=words(
            "El emisor no es una autoridad, el uso no corresponde, la firma o la clave es débil.",
            "Its issuer is no authority, its purpose is another, or a signature or key is weak.",
        ),
        remedy=words(
            "Lea en el mensaje qué se rechazó; reemítalo con una autoridad reconocida.",
            "Read in the message what was refused; have it issued by a recognised authority.",
        ),
    ),
    failure(
        "cert_expired_unverified",
        Symptom.UNSAFE,
        outcome=Outcome.DEGRADED,
        summary=words(
            "El certificado venció, y se pidió no verificarlo.",
            "The certificate has expired, and verifying it was switched off.",
        ),
        cause=words(
            "No se renovó; verify está en false, y todo lo demás responde bien.",
            "It was not renewed; verify is false, and everything else answers well.",
        ),
        remedy=words(
            "Renuévelo; ponga cert_warn_days en 0 si a nadie le importa.",
            "Renew it; set cert_warn_days to 0 where nobody minds.",
        ),
    ),
    failure(
        "self_signed",
        Symptom.UNSAFE,
        summary=words(
            "El certificado está firmado por sí mismo o por una raíz en la que aquí no se confía.",
            "The certificate is signed by itself or by a root that nobody here trusts.",
        ),
        cause=words(
            "Está puesto un certificado por omisión, o el de una autoridad privada.",
            "A default certificate is in place, or a private authority's.",
        ),
        remedy=words(
            "Instale el certificado verdadero; si la autoridad es privada, configure ca_file.",
            "Install the real certificate; for a private authority set ca_file.",
        ),
    ),
    failure(
        "incomplete_chain",
        Symptom.UNSAFE,
        summary=words(
            "Falta el emisor del certificado: la cadena no llega a una raíz de confianza.",
            "The certificate's issuer is missing: the chain does not reach a trusted root.",
        ),
        cause=words(
            "El servicio envía su certificado sin el intermedio.",
            "The service sends its own certificate without the intermediate one.",
        ),
        remedy=words(
            "Configure la cadena completa (fullchain.pem).",
            "Configure the full chain (fullchain.pem).",
        ),
    ),
    failure(
        "hostname_mismatch",
        Symptom.UNSAFE,
        summary=words("El certificado es de otro nombre.", "The certificate is for another name."),
        cause=words(
            "El nombre no figura en el certificado, o en esta dirección responde otro sitio.",
            "The name is not in the certificate, or another site answers at this address.",
        ),
        remedy=words(
            "Emítalo con este nombre; revise SNI y el sitio por omisión.",
            "Issue it with this name; check SNI and the default site.",
        ),
    ),
    failure(
        "cert_expiring",
        Symptom.UNNOTICED,
        outcome=Outcome.DEGRADED,
        summary=words("El certificado vence pronto.", "The certificate expires soon."),
        cause=words(
            "No se renovó cuando correspondía.", "Its renewal has not happened when it should have."
        ),
        remedy=words(
            "Revise la tarea de renovación; renuévelo a mano si es cuestión de días.",
            "Look at the renewal job; renew by hand if it is a matter of days.",
        ),
    ),
)
