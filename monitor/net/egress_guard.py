"""Where a webhook may lead: to what the configuration names, but not to inside addresses by name.

The operator of a hook's DNS zone may point its name anywhere, at this machine too. So the check
uses the address that is really dialled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address

from monitor.net.address_guard import Guard
from monitor.net.errors import ProbeFailure

_OUTSIDE = "192.0.2.1"
"""An address of nobody (documentation network): each name is taken to lie as far outside."""


def egress_guard(allowed: Callable[[], Iterable[str]]) -> Callable[[str, str], None]:
    """The check of (host, address) that a notifier is given; it raises ValueError.

    A literal address and `localhost` always pass. A name may lead to public addresses, or to a
    network of `allowed` (CIDR; called each time, because a reload may change them).
    """

    def admit(host: str, address: str) -> None:
        if host == "localhost" or host.endswith(".localhost") or _is_literal(host):
            return
        try:
            Guard(allowed()).check(address.partition("%")[0], led_from=_OUTSIDE)
        except ProbeFailure as fault:
            raise ValueError(f"leads to {address}, which is not public: allow_private") from fault

    return admit


def strangers_guard(host: str, address: str) -> None:
    """The check where strangers chose the host: nothing but a public address passes, however it is
    written. What the operator allows his own targets is allowed to no stranger. Raises
    ValueError."""
    try:
        Guard().check(address.partition("%")[0], led_from=_OUTSIDE)
    except ProbeFailure as fault:
        raise ValueError("leads to an address that is not public") from fault


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
