"""The mail server, one a worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.alerting.channels.postfix import Postfix, running_postfix


@pytest.fixture(scope="session")
def postfix_server() -> Iterator[Postfix]:
    with running_postfix() as server:
        yield server


@pytest.fixture
def postfix(postfix_server: Postfix) -> Postfix:
    """With an empty maildir."""
    postfix_server.forget()
    return postfix_server
