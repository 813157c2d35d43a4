"""Host names as resolvers and certificates have them: ASCII, whatever a person wrote."""

from __future__ import annotations

from functools import lru_cache

_PREFIX = "xn--"
_LONGEST = 1024
"""Far more characters than a name has bytes (RFC 1035 2.3.4); longer ones are not cached."""


@lru_cache(maxsize=16384)
def ascii_host(name: str) -> str:
    """The name that a browser asks for: UTS 46, non-transitional, without the checks of a
    registry. What is ASCII stays as it is. Raises ValueError where it is no name.

    >>> ascii_host("straße.test"), ascii_host("Español.test"), ascii_host("_dmarc.WWW.test")
    ('xn--strae-oqa.test', 'xn--espaol-zwa.test', '_dmarc.WWW.test')
    """
    if len(name) > _LONGEST:
        raise ValueError(f"{name[:60]!r}... is no host name")
    if name.isascii():
        return name
    # Loaded with the first name that needs its tables.
    import idna

    try:
        mapped = idna.uts46_remap(name, std3_rules=False, transitional=False)
    except (idna.IDNAError, IndexError) as error:
        raise ValueError(f"{name!r} is no host name") from error
    return ".".join(map(_ascii_label, mapped.split(".")))


def _ascii_label(label: str) -> str:
    return label if label.isascii() else _PREFIX + label.encode("punycode").decode("ascii")
