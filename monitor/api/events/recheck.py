"""Whether what opened a stream still opens it, for all streams at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from monitor.api.caller import Caller
from monitor.api.ports import Backend
from monitor.domain.refusals import Refused

Again: TypeAlias = Callable[[Backend], Caller]
"""Who calls, found anew. Raises Refused where nobody does any more."""


def rechecked(backend: Backend, credentials: Mapping[str, Again]) -> Mapping[str, Caller | Refused]:
    """Each token or session as it is now, or why it opens nothing. All in one transaction: hundreds
    of streams are a handful of reads. Raises JournalError."""
    with backend.reading.moment():
        return {name: _found(again, backend) for name, again in credentials.items()}


def _found(again: Again, backend: Backend) -> Caller | Refused:
    try:
        return again(backend)
    except Refused as error:
        return error
