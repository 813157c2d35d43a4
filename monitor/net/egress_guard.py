"""Where a webhook may lead: what the configuration names, and nothing that a name points to inside.

Whoever runs the zone of a hook's name may point it anywhere, at this machine too; the address that
is really dialled decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address

from monitor.net.address_guard import Guard
from monitor.net.errors import ProbeFailure

_OUTSIDE = "192.0.2.1"
"""Nobody's address: a name is as far outside as this, whoever wrote it down."""


def egress_guard(allowed: Callable[[], Iterable[str]]) -> Callable[[str, str], None]:
    """The check of (host, address) that a notifier is given; it raises ValueError.

    A literal address and `localhost` are what they are; a name leads to what is public, or to a
    network of `allowed` (CIDR, asked each time, for a reload may change them).
    """

    def admit(host: str, address: str) -> None:
        if host == "localhost" or host.endswith(".localhost") or _is_literal(host):
            return
        try:
            Guard(allowed()).check(address.partition("%")[0], led_from=_OUTSIDE)
        except ProbeFailure as fault:
            raise ValueError(f"leads to {address}, which is not public: allow_private") from fault

    return admit


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
