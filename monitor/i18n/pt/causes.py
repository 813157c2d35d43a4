"""What the public reads of why time does not count, in Portuguese."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "force_majeure": "força maior",
    "external_provider": "falha de um fornecedor externo",
    "customer": "conteúdo ou equipamento do próprio cliente",
    "customer_overload": "sobrecarga da conta do cliente",
    "dns_foreign": "DNS de terceiros",
    "tls_free_cert": "certificado TLS gratuito de terceiros",
}
