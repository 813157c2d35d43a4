"""One transaction for all that a request reads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from monitor.api.ports import ApiJournal, ApiTransaction


class SharedReading:
    """Implements `ReadingApiJournal` over a journal that reads: a request opens it once instead of
    ten times, and its parts are of one moment. What is begun for it on other threads has
    transactions of its own."""

    def __init__(self, journal: ApiJournal) -> None:
        self._journal = journal
        self._local = threading.local()

    @contextmanager
    def moment(self) -> Iterator[None]:
        """For what writes nothing: it would not see what it wrote. The journal is opened where it
        is first read, and what goes wrong with it then is raised at the end."""
        with ExitStack() as stack:
            self._local.moment = _Moment(self._journal, stack)
            try:
                yield
            finally:
                self._local.moment = None

    @contextmanager
    def transaction(self) -> Iterator[ApiTransaction]:
        moment: _Moment | None = getattr(self._local, "moment", None)
        if moment is not None:
            yield moment.transaction
            return
        with self._journal.transaction() as tx:
            yield tx


class _Moment:
    def __init__(self, journal: ApiJournal, stack: ExitStack) -> None:
        self._journal = journal
        self._stack = stack

    @cached_property
    def transaction(self) -> ApiTransaction:
        return self._stack.enter_context(self._journal.transaction())
