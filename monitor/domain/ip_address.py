"""Addresses of clients, as a socket or a web server in front writes them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

Address = IPv4Address | IPv6Address


def read_address(text: str) -> Address:
    """The address; an IPv4 address that IPv6 wraps is that address. Raises ValueError.

    >>> str(read_address("::ffff:192.0.2.7")), str(read_address("2001:db8::7"))
    ('192.0.2.7', '2001:db8::7')
    """
    found = ip_address(text)
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found
