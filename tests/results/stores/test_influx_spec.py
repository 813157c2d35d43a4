"""What an operator may say of an InfluxDB, and what is told where it makes no sense."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from monitor.domain.secret import Secret
from monitor.results.rollups.latency import Width
from monitor.results.stores.influx.spec import InfluxSpec

TOKEN = Secret("${ESTADO_INFLUX_TOKEN}")


def a_spec(**settings: Any) -> InfluxSpec:
    return InfluxSpec(**{"url": "http://127.0.0.1:8086", "token": TOKEN, **settings})


def test_it_needs_an_address_and_a_token_alone() -> None:
    spec = a_spec()
    assert spec.org == "estado"
    assert spec.buckets == {"estado_raw": 90, "estado_hourly": 400, "estado_daily": 1830}
    assert spec.latency_bucket(Width.HOUR) == "estado_hourly"
    assert spec.latency_bucket(Width.DAY) == "estado_daily"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8086", "https://influx.example:443/behind/", "http://[::1]:8086"]
)
def test_it_takes_an_address_of_the_web(url: str) -> None:
    assert a_spec(url=url).url == url


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"url": "influx.example:8086"}, "url must be an address such as"),
        ({"url": "ftp://influx.example"}, "url must be an address such as"),
        ({"url": "http://"}, "url must be an address such as"),
        ({"url": "http://h:99999"}, "url must be an address such as"),
        ({"url": "http://h/a b"}, "url must be an address such as"),
        ({"url": "http://h/\r\nX: y"}, "url must be an address such as"),
        ({"url": "http://me:secret@h"}, "url must hold no user and password"),
        ({"url": "http://me@h"}, "url must hold no user and password"),
        ({"url": "http://h?org=x"}, "url must end with its path"),
        ({"url": "http://h/#x"}, "url must end with its path"),
        ({"org": " "}, "org must be the name of an organisation"),
        ({"raw_bucket": ""}, "a bucket's name must be short and without quotes, got ''"),
        ({"raw_bucket": 'a"b'}, "a bucket's name must be short and without quotes"),
        ({"daily_bucket": "_x"}, "a bucket's name must not begin with _"),
        ({"daily_bucket": "estado_hourly"}, "must be three buckets"),
        ({"raw_days": -1}, "days must be from 0 to 36500, got -1"),
        ({"timeout_s": 0}, "timeout_s must be above 0 and at most 300, got 0"),
        ({"timeout_s": 301.0}, "timeout_s must be above 0 and at most 300, got 301"),
        ({"verify": False, "ca_file": "/ca.pem"}, "ca_file says nothing where verify is false"),
    ],
)
def test_it_says_what_makes_no_sense(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        a_spec(**settings)


def test_it_refuses_a_setting_that_it_does_not_know_and_a_token_in_clear() -> None:
    reader = TypeAdapter(InfluxSpec)
    given = {"url": "http://127.0.0.1:8086", "token": "file:/etc/estado/token"}
    assert reader.validate_python(given).token == Secret("file:/etc/estado/token")
    with pytest.raises(ValidationError, match="retention"):
        reader.validate_python({**given, "retention": "90d"})
    with pytest.raises(ValidationError, match="want a reference"):
        reader.validate_python({**given, "token": "abc123"})


def test_it_prints_no_secret() -> None:
    spec = a_spec(admin_token=Secret("${ADMIN}"))
    assert "ESTADO_INFLUX_TOKEN" not in repr(spec)
    assert "***" in repr(spec)
