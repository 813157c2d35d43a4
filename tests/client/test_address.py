"""Which addresses a credential may be sent to."""

from __future__ import annotations

import pytest

from monitor.client.address import door_address
from monitor.client.faults import NotAsked


@pytest.mark.parametrize(
    ("written", "url", "state"),
    [
        ("https://estado.example", "https://estado.example", "/api/v1/state"),
        ("https://Estado.Example:443/", "https://estado.example", "/api/v1/state"),
        ("https://estado.example:8443", "https://estado.example:8443", "/api/v1/state"),
        ("https://estado.example/api/v1/", "https://estado.example", "/api/v1/state"),
        ("https://www.example/estado/", "https://www.example/estado", "/estado/api/v1/state"),
        ("http://127.0.0.1:9092", "http://127.0.0.1:9092", "/api/v1/state"),
        ("http://localhost:9092", "http://localhost:9092", "/api/v1/state"),
        ("http://[::1]:9092", "http://[::1]:9092", "/api/v1/state"),
    ],
)
def test_an_address_has_one_way_to_be_written_and_a_path(
    written: str, url: str, state: str
) -> None:
    address = door_address(written)
    assert (address.url, address.path("/state")) == (url, state)
    assert door_address(url) == address


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("http://estado.example", "ssh -N -L 9092:127.0.0.1:9092 HOST"),
        ("http://127.0.0.1.example", "over plain http"),
        ("http://192.0.2.7", "over plain http"),
        ("https://ana:caballo@estado.example", "estado login asks for them"),
        ("https://ana@estado.example", "estado login asks for them"),
        ("http://127.0.0.1@estado.example", "estado login asks for them"),
        ("estado.example", "want an address such as https://estado.example"),
        ("ftp://estado.example", "want an address such as https://estado.example"),
        ("https://", "want an address such as https://estado.example"),
        ("https://estado.example:port", "want an address such as https://estado.example"),
        ("https://estado.example?a=b", "without ? and #"),
        ("https://estado.example/\nX-Evil: 1", "in plain ASCII and without spaces"),
        ("https://еstado.example", "in plain ASCII and without spaces"),  # noqa: RUF001
    ],
)
def test_another_address_is_refused_with_the_way_out(written: str, reason: str) -> None:
    with pytest.raises(NotAsked) as refused:
        door_address(written)
    assert reason in str(refused.value)
    assert "caballo" not in str(refused.value)
    assert "\n" not in str(refused.value) or "\n" in written
