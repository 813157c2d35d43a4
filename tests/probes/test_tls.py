"""What `tls` says of a certificate, against a real nginx."""

from __future__ import annotations

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.net.transport import Transport
from probes.tls import KIND, TlsProbe, TlsSpec
from tests.support.looks import run_check
from tests.support.nginx import Nginx


async def see(
    transport: Transport, nginx: Nginx, quality: str, *, cert_warn_days: float = 14.0
) -> Observation:
    spec = TlsSpec(
        host="127.0.0.1",
        port=nginx.https[quality],
        ca_file=str(nginx.ca_file),
        cert_warn_days=cert_warn_days,
    )
    return await run_check(TlsProbe(transport), spec, timeout_s=5)


@pytest.mark.parametrize(
    ("quality", "outcome", "failure"),
    [
        ("good", Outcome.UP, None),
        ("expired", Outcome.DOWN, "cert_expired"),
        ("self_signed", Outcome.DOWN, "self_signed"),
        ("wrong_host", Outcome.DOWN, "hostname_mismatch"),
        ("incomplete_chain", Outcome.DOWN, "incomplete_chain"),
        ("expiring", Outcome.DEGRADED, "cert_expiring"),
    ],
)
async def test_it_tells_the_qualities_apart(
    transport: Transport, nginx: Nginx, quality: str, outcome: Outcome, failure: str | None
) -> None:
    seen = await see(transport, nginx, quality)
    assert (seen.outcome, seen.failure) == (outcome, failure), seen
    assert list(seen.phases_ms) == ["connect", "tls"]


@pytest.mark.parametrize(
    ("days", "failure"), [(2.0, None), (4.0, "cert_expiring"), (0.0, None), (-1.0, None)]
)
async def test_it_warns_as_many_days_before_as_it_was_told(
    transport: Transport, nginx: Nginx, days: float, failure: str | None
) -> None:
    assert (await see(transport, nginx, "expiring", cert_warn_days=days)).failure == failure


def test_it_warns_two_weeks_before_unless_told_otherwise() -> None:
    assert TlsSpec(host="127.0.0.1", port=443).cert_warn_days == 14


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_it_refuses_a_port_that_is_none(port: int) -> None:
    with pytest.raises(ValueError, match="port must be"):
        TlsSpec(host="127.0.0.1", port=port)


async def test_it_says_that_a_plain_port_speaks_no_tls(transport: Transport, nginx: Nginx) -> None:
    spec = TlsSpec(host="127.0.0.1", port=nginx.http)
    assert (await run_check(TlsProbe(transport), spec, timeout_s=5)).failure == "tls_handshake"


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("tls://panel.example", ("panel.example", 443)),
        ("tls://panel.example:8443/", ("panel.example", 8443)),
        ("[::1]:853", ("::1", 853)),
    ],
)
def test_it_reads_a_target(target: str, found: tuple[str, int]) -> None:
    fields = KIND.from_target(target)
    assert (fields["host"], fields["port"]) == found
