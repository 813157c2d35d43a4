"""Whether our own resolver is faulty: how its servers answered about names that are known to work.

The resolver is our own, as the line is. Where none of its servers can answer, no check run that
needed a name says anything about its target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.checks.observation import FailureId, Json

NO_NETWORK = FailureId("no_network")
"""Our own line is cut."""
NO_RESOLVER = FailureId("no_resolver")
"""Our own resolver is faulty."""
RESOLVER = "resolver"
"""In the evidence of a failed check run: each server that was asked for its name, and the reply."""
RESOLVED = "resolved"
"""Next to it, where the name was found: the addresses."""


class DnsResponse(StrEnum):
    """How one server answered one question."""

    ANSWER = "answer"
    EMPTY = "empty"
    """Success without a record: what a captive portal or a broken forwarder answers."""
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENT = "silent"
    """Nothing in time, or nobody listens there."""
    GARBLED = "garbled"
    """No DNS message, or a code that says nothing about the name."""
    FORGED = "forged"
    """An address that the server gives for any name: a captive portal's, or an advertiser's in the
    place of a denial."""


_ASKED_ON = frozenset({DnsResponse.ANSWER, DnsResponse.EMPTY, DnsResponse.NXDOMAIN})
"""The answers of a server that does ask on, about a label that nobody has asked for before."""
_CANNOT = frozenset({DnsResponse.SERVFAIL, DnsResponse.SILENT, DnsResponse.GARBLED})
"""A server that cannot ask on is silent at first and says SERVFAIL once it has given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """How a server answered about one control name.

    `uncached` is the reply about a label under it that nobody has asked for before, so that no
    cache can give it: NXDOMAIN comes from the name's own servers as an answer would. `plain` is
    the reply about the name itself, which exists: a server that denies it denies everything, and
    one that gives no answer about it knows nothing. Where `uncached` is FORGED, `forged` are the
    addresses.
    """

    uncached: DnsResponse
    plain: DnsResponse
    forged: frozenset[str] = frozenset()

    @property
    def is_seen(self) -> bool:
        return self.uncached in _ASKED_ON and self.plain is DnsResponse.ANSWER

    @property
    def refusal(self) -> DnsResponse:
        """The reply because of which the name is not seen."""
        return self.plain if self.uncached in _ASKED_ON else self.uncached


Controls = Mapping[str, tuple[Control, ...]]
"""Each server that was asked, and how it answered about each control name."""


def forged_by(seen: Iterable[Control]) -> frozenset[str]:
    """The addresses that a server gives for any name."""
    return frozenset(address for control in seen for address in control.forged)


def denies(seen: Iterable[Control]) -> bool:
    """Whether a server says that names which exist do not exist."""
    return all(control.plain is DnsResponse.NXDOMAIN for control in seen)


def was_answered(replies: Json) -> bool:
    """Whether the check run got an address for its name."""
    return isinstance(replies, Mapping) and DnsResponse.ANSWER in replies.values()


def is_misled(replies: Json, addresses: Json, controls: Controls) -> bool:
    """Whether a check run went to an address that its server gives for any name.

    >>> said, forged = DnsResponse.ANSWER, frozenset({"10.0.0.1"})
    >>> lies = (Control(uncached=DnsResponse.FORGED, plain=said, forged=forged),)
    >>> is_misled({"192.0.2.53": "answer"}, ["10.0.0.1"], {"192.0.2.53": lies})
    True
    >>> is_misled({"192.0.2.53": "answer"}, ["192.0.2.80"], {"192.0.2.53": lies})
    False
    """
    if not isinstance(replies, Mapping) or not isinstance(addresses, list):
        return False
    answered = [server for server, reply in replies.items() if reply == DnsResponse.ANSWER]
    forged = forged_by(control for server in answered for control in controls.get(server, ()))
    return any(address in forged for address in addresses)


def is_ill(replies: Json, controls: Controls) -> bool:
    """Whether our resolver fails on the control names as it failed on the name of a check run. The
    servers that said that there is no such name are judged, for then no other was asked; where
    none said so, every server is.

    `replies` is what the check run's evidence has under RESOLVER. A server that was not asked then
    (the deadline came first) is faulty where it resolves no control name. One that refuses the
    control names and was only silent about the other name does try names of that kind: its refusals
    say nothing about the server.

    >>> dead = (Control(uncached=DnsResponse.SILENT, plain=DnsResponse.ANSWER),)
    >>> is_ill({"192.0.2.53": "servfail"}, {"192.0.2.53": dead})
    True
    >>> well = (Control(uncached=DnsResponse.NXDOMAIN, plain=DnsResponse.ANSWER),)
    >>> is_ill({"192.0.2.53": "servfail"}, {"192.0.2.53": dead, "192.0.2.54": well})
    False
    """
    by_server = replies if isinstance(replies, Mapping) else {}
    deniers = [server for server, reply in by_server.items() if reply == DnsResponse.NXDOMAIN]
    return bool(controls) and all(
        _is_server_ill(by_server.get(server), controls.get(server, ()))
        for server in deniers or controls
    )


def _is_server_ill(reply: Json, controls: Iterable[Control]) -> bool:
    refusals = [None if control.is_seen else control.refusal for control in controls]
    if not refusals or None in refusals:
        return False
    return reply is None or any(_are_alike(reply, refusal) for refusal in refusals)


def _are_alike(reply: Json, refusal: DnsResponse | None) -> bool:
    return reply == refusal or (reply in _CANNOT and refusal in _CANNOT)
