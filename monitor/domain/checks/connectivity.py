"""Whether our own resolver is ill: how its servers answered about names that are known to be well.

A resolver is ours as the line is. Where none of its servers can say anything, no look that needed
a name says anything of its target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.checks.observation import FailureId, Json

NO_NETWORK = FailureId("no_network")
"""Our own line is cut."""
NO_RESOLVER = FailureId("no_resolver")
"""Our own resolver is ill."""
RESOLVER = "resolver"
"""In the evidence of a look that failed: each server that was asked for its name, and the reply."""
RESOLVED = "resolved"
"""Beside it where the name was found: the addresses."""


class DnsResponse(StrEnum):
    """What one server said to one question."""

    ANSWER = "answer"
    EMPTY = "empty"
    """That all is well, without a record: what a captive portal or a broken forwarder says."""
    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENT = "silent"
    """Nothing in time, or nobody listens there."""
    GARBLED = "garbled"
    """No DNS message, or a code that says nothing of the name."""
    FORGED = "forged"
    """An address that the server has for whatever is asked: a captive portal's, or an advertiser's
    in the place of a denial."""


_SAID = frozenset({DnsResponse.ANSWER, DnsResponse.EMPTY, DnsResponse.NXDOMAIN})
"""What is said of a label that nobody has asked for before by who asked on."""
_CANNOT = frozenset({DnsResponse.SERVFAIL, DnsResponse.SILENT, DnsResponse.GARBLED})
"""A server that cannot ask on is silent at first and says SERVFAIL once it has given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a server said about one control name.

    `uncached` is the reply about a label under it that nobody has asked for before, so that no
    cache can give it: NXDOMAIN comes from the name's own servers as an answer would. `plain` is
    the reply about the name itself, which exists: who denies it denies everything, and who has
    nothing to say of it knows nothing. Where `uncached` is FORGED, `forged` are the addresses.
    """

    uncached: DnsResponse
    plain: DnsResponse
    forged: frozenset[str] = frozenset()

    @property
    def is_seen(self) -> bool:
        return self.uncached in _SAID and self.plain is DnsResponse.ANSWER

    @property
    def refusal(self) -> DnsResponse:
        """The reply that kept the name from being seen."""
        return self.plain if self.uncached in _SAID else self.uncached


Controls = Mapping[str, tuple[Control, ...]]
"""Each server that was asked, and how it did by each control name."""


def forged_by(seen: Iterable[Control]) -> frozenset[str]:
    """The addresses that a server has for whatever is asked."""
    return frozenset(address for control in seen for address in control.forged)


def denies(seen: Iterable[Control]) -> bool:
    """Whether a server says of what exists that it does not."""
    return all(control.plain is DnsResponse.NXDOMAIN for control in seen)


def was_answered(failed: Json) -> bool:
    """Whether the look had an address to go to."""
    return isinstance(failed, Mapping) and DnsResponse.ANSWER in failed.values()


def is_misled(failed: Json, addresses: Json, controls: Controls) -> bool:
    """Whether the address that a look went to is one that its server has for whatever is asked.

    >>> said, forged = DnsResponse.ANSWER, frozenset({"10.0.0.1"})
    >>> lies = (Control(uncached=DnsResponse.FORGED, plain=said, forged=forged),)
    >>> is_misled({"192.0.2.53": "answer"}, ["10.0.0.1"], {"192.0.2.53": lies})
    True
    >>> is_misled({"192.0.2.53": "answer"}, ["192.0.2.80"], {"192.0.2.53": lies})
    False
    """
    if not isinstance(failed, Mapping) or not isinstance(addresses, list):
        return False
    answered = [server for server, reply in failed.items() if reply == DnsResponse.ANSWER]
    forged = forged_by(control for server in answered for control in controls.get(server, ()))
    return any(address in forged for address in addresses)


def is_ill(failed: Json, controls: Controls) -> bool:
    """Whether our resolver fails the control names as it failed the name that was looked for: who
    said that there is no such name, for then nobody else was asked; else every server.

    `failed` is what the look has under RESOLVER. A server that was not asked then (the deadline
    came first) is ill where it sees no control name. One that refuses the control names and was
    only silent about the other does try names of that kind: it says nothing of itself.

    >>> dead = (Control(uncached=DnsResponse.SILENT, plain=DnsResponse.ANSWER),)
    >>> is_ill({"192.0.2.53": "servfail"}, {"192.0.2.53": dead})
    True
    >>> well = (Control(uncached=DnsResponse.NXDOMAIN, plain=DnsResponse.ANSWER),)
    >>> is_ill({"192.0.2.53": "servfail"}, {"192.0.2.53": dead, "192.0.2.54": well})
    False
    """
    said = failed if isinstance(failed, Mapping) else {}
    deniers = [server for server, reply in said.items() if reply == DnsResponse.NXDOMAIN]
    return bool(controls) and all(
        _is_server_ill(said.get(server), controls.get(server, ())) for server in deniers or controls
    )


def _is_server_ill(failed: Json, controls: Iterable[Control]) -> bool:
    refusals = [None if control.is_seen else control.refusal for control in controls]
    if not refusals or None in refusals:
        return False
    return failed is None or any(_are_alike(failed, refusal) for refusal in refusals)


def _are_alike(failed: Json, refusal: DnsResponse | None) -> bool:
    return failed == refusal or (failed in _CANNOT and refusal in _CANNOT)
