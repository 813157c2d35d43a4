"""What the public and operators read of why time does not count, in English."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "force_majeure": "force majeure",
    "external_provider": "a failure of an external provider",
    "customer": "the customer's own content or equipment",
    "customer_overload": "overload by the customer's account",
    "dns_foreign": "DNS of a third party",
    "tls_free_cert": "a free TLS certificate of a third party",
}
