"""Whether our own resolver is ill: how its servers answered about names that are known to be well.

A resolver is ours as the line is. Where none of its servers can say anything, no look that needed
a name says anything of its target.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.observation import Json

RESOLVER = "resolver"
"""In the evidence of a look whose name was not found: each server that was asked, its reply."""


class Reply(StrEnum):
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


_SAID = frozenset({Reply.ANSWER, Reply.EMPTY, Reply.NXDOMAIN})
"""What is said of a label that nobody has asked for before by who asked on."""
_CANNOT = frozenset({Reply.SERVFAIL, Reply.SILENT, Reply.GARBLED})
"""A server that cannot ask on is silent at first and says SERVFAIL once it has given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """What a server said about one control name.

    `uncached` is the reply about a label under it that nobody has asked for before, so that no
    cache can give it: NXDOMAIN comes from the name's own servers as an answer would. `plain` is
    the reply about the name itself, which exists: who denies it denies everything, and who has
    nothing to say of it knows nothing.
    """

    uncached: Reply
    plain: Reply

    @property
    def is_seen(self) -> bool:
        return self.uncached in _SAID and self.plain is Reply.ANSWER

    @property
    def refusal(self) -> Reply:
        """The reply that kept the name from being seen."""
        return self.plain if self.uncached in _SAID else self.uncached


Controls = Mapping[str, tuple[Control, ...]]
"""Each server that was asked, and how it did by each control name."""


def is_ill(failed: Json, controls: Controls) -> bool:
    """Whether every server fails the control names as it failed the name that was looked for.

    `failed` is what the look has under RESOLVER. A server that was not asked then (the deadline
    came first) is ill where it sees no control name. One that refuses the control names and was
    only silent about the other does try names of that kind: it says nothing of itself.

    >>> dead = (Control(uncached=Reply.SILENT, plain=Reply.ANSWER),)
    >>> is_ill({"192.0.2.53": "servfail"}, {"192.0.2.53": dead})
    True
    >>> well = (Control(uncached=Reply.NXDOMAIN, plain=Reply.ANSWER),)
    >>> is_ill({"192.0.2.53": "servfail"}, {"192.0.2.53": dead, "192.0.2.54": well})
    False
    """
    said = failed if isinstance(failed, Mapping) else {}
    return bool(controls) and all(
        _is_server_ill(said.get(server), seen) for server, seen in controls.items()
    )


def _is_server_ill(failed: Json, controls: Iterable[Control]) -> bool:
    refusals = [None if control.is_seen else control.refusal for control in controls]
    if not refusals or None in refusals:
        return False
    return failed is None or any(_are_alike(failed, refusal) for refusal in refusals)


def _are_alike(failed: Json, refusal: Reply | None) -> bool:
    return failed == refusal or (failed in _CANNOT and refusal in _CANNOT)
