"""How this machine finds names: /etc/resolv.conf and /etc/hosts, read again when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")
LOOK_EVERY_S = 2.0
_MAX_SERVERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverSettings:
    """What resolv.conf(5) says. `nameservers` are (address, port), in the file's order."""

    nameservers: tuple[tuple[str, int], ...] = (("127.0.0.1", 53),)
    search: tuple[str, ...] = ()
    ndots: int = 1
    timeout_s: float = 5.0
    attempts: int = 2


Hosts = Mapping[str, tuple[str, ...]]


def parse_resolv_conf(text: str) -> ResolverSettings:
    """Unknown words and invalid values are passed over, as the C library does.

    >>> parse_resolv_conf("nameserver 192.0.2.53\\noptions ndots:2 timeout:1").ndots
    2
    """
    servers: list[tuple[str, int]] = []
    search: tuple[str, ...] = ()
    options: dict[str, int] = {}
    for line in text.splitlines():
        word, *values = _without_comment(line).split() or [""]
        if word == "nameserver" and values and _is_address(values[0]):
            servers.append((values[0], 53))
        elif word in ("search", "domain"):
            search = tuple(value.strip(".") for value in values if value.strip("."))
        elif word == "options":
            options |= _numbers(values)
    return ResolverSettings(
        nameservers=tuple(servers[:_MAX_SERVERS]) or ResolverSettings().nameservers,
        search=search,
        ndots=min(options.get("ndots", 1), 15),
        timeout_s=float(min(max(options.get("timeout", 5), 1), 30)),
        attempts=min(max(options.get("attempts", 2), 1), 5),
    )


def parse_hosts(text: str) -> Hosts:
    """Name in lower case → its addresses in the order of the file.

    >>> parse_hosts("127.0.0.1 localhost  # this one\\n::1 LOCALHOST ip6-localhost")["localhost"]
    ('127.0.0.1', '::1')
    """
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        address, *names = _without_comment(line).split() or [""]
        if not _is_address(address):
            continue
        for name in map(str.lower, names):
            if address not in found.get(name, ()):
                found[name] = (*found.get(name, ()), address)
    return found


@dataclass(slots=True)
class WatchedFile(Generic[T]):
    """A small file's parsed content, checked for changes every two seconds at most.

    A missing file counts as an empty one.
    """

    path: Path
    parse: Callable[[str], T]
    _value: T | None = field(default=None, init=False)
    _edition: tuple[int, int] | None = field(default=None, init=False)
    _looked_at: float = field(default=float("-inf"), init=False)

    def get(self) -> T:
        now = monotonic()
        if self._value is None or now - self._looked_at >= LOOK_EVERY_S:
            self._looked_at = now
            self._refresh()
        assert self._value is not None  # noqa: S101 - _refresh has set it
        return self._value

    def _refresh(self) -> None:
        try:
            found = self.path.stat()
            edition = (found.st_mtime_ns, found.st_size)
            if self._value is not None and edition == self._edition:
                return
            text = self.path.read_text("utf-8", "replace")
        except OSError:
            edition, text = (0, 0), ""
        self._value, self._edition = self.parse(text), edition


def _without_comment(line: str) -> str:
    return line.partition("#")[0].partition(";")[0]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _numbers(words: list[str]) -> dict[str, int]:
    pairs = (word.partition(":") for word in words)
    return {name: int(value) for name, _, value in pairs if value.isdigit()}
