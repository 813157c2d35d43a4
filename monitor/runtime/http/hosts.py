"""By which name a request addresses us.

Somebody else's page can let its own name resolve to our address, and then read our answers as its
own (DNS rebinding). Such a name has a dot in it, is no address and not one of ours.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address


def is_ours(host: str, names: Collection[str]) -> bool:
    """`host` as the header has it. Single words are local names, as containers have them.

    >>> [is_ours(h, ()) for h in ("127.0.0.1:9091", "[::1]:9091", "estado:9091", "localhost")]
    [True, True, True, True]
    >>> is_ours("evil.example:9091", ()), is_ours("db.acme.example", ["db.acme.example"])
    (False, True)
    >>> is_ours("db.acme.example.", ["DB.Acme.Example"])
    True
    """
    name = _without_port(host).rstrip(".").lower()
    if not name:
        return False
    is_local = "." not in name and ":" not in name
    ours = {own.rstrip(".").lower() for own in names}
    return is_local or name.endswith(".localhost") or name in ours or _is_address(name)


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if host.count(":") == 1 else host


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
