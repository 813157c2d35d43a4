"""Whether what opened a stream still opens it, for all streams at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeAlias

from monitor.api.caller import Caller
from monitor.api.ports import ApiTransaction, Backend
from monitor.domain.refusals import Refused

Again: TypeAlias = Callable[[Backend], Caller]
"""Who calls, found anew. Raises Refused where nobody does any more."""


def rechecked(backend: Backend, credentials: Mapping[str, Again]) -> Mapping[str, Caller | Refused]:
    """Each token or session as it is now, or why it opens nothing. All in one transaction: hundreds
    of streams are a handful of reads. Raises JournalError."""
    with backend.reading.transaction() as tx:
        within = replace(backend, reading=_Within(tx))
        return {name: _found(again, within) for name, again in credentials.items()}


def _found(again: Again, within: Backend) -> Caller | Refused:
    try:
        return again(within)
    except Refused as error:
        return error


@dataclass(frozen=True, slots=True)
class _Within:
    """Implements `monitor.api.ports.ApiJournal` by a transaction that is under way."""

    tx: ApiTransaction

    @contextmanager
    def transaction(self) -> Iterator[ApiTransaction]:
        yield self.tx
