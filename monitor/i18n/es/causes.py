"""What the public and operators read of why time does not count, in Spanish."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "force_majeure": "fuerza mayor",
    "external_provider": "falla de un proveedor externo",
    "customer": "contenido o equipos propios del cliente",
    "customer_overload": "sobrecarga de la cuenta del cliente",
    "dns_foreign": "DNS de un tercero",
    "tls_free_cert": "certificado TLS gratuito de un tercero",
}
