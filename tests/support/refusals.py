"""A refusal is asked for as somebody at a terminal reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from monitor.cli.refusals import typed_refusal
from monitor.domain.refusals import Refused


@contextmanager
def refuses(kind: type[Refused], *, match: str) -> Iterator[None]:
    with pytest.raises(kind) as refused:
        yield
    said = typed_refusal(refused.value)
    assert re.search(match, said), said
