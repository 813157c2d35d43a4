"""Real servers for the probes, one of each per worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from tests.support.hls_rtmp import Streaming, running_streaming
from tests.support.icecast import Icecast, running_icecast
from tests.support.knot import Knot, running_knot
from tests.support.mail import Mail, running_mail
from tests.support.nginx import Nginx, running_nginx


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with running_nginx(tmp_path_factory.mktemp("nginx")) as server:
        yield server


@pytest.fixture(scope="session")
def mail() -> Iterator[Mail]:
    with running_mail() as servers:
        yield servers


@pytest.fixture(scope="session")
def knot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Knot]:
    with running_knot(tmp_path_factory.mktemp("knot")) as server:
        yield server


@pytest.fixture(scope="session")
def icecast() -> Iterator[Icecast]:
    with running_icecast() as server:
        yield server


@pytest.fixture(scope="session")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Streaming]:
    with running_streaming(tmp_path_factory.mktemp("streaming")) as servers:
        yield servers


@pytest.fixture
def transport() -> Transport:
    return Transport(wall=SystemClock().wall)
