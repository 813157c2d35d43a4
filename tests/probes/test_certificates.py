"""What a visitor's browser would say of a certificate, told apart class by class."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from monitor.domain.checks.observation import Observation, Outcome
from monitor.domain.checks.probe import Context
from monitor.net.family import Family
from monitor.net.transport import Transport
from probes.http import HttpProbe, HttpSpec
from tests.support.looks import run_check
from tests.support.nginx import Nginx

EXPECTED = {
    "good": None,
    "expired": "cert_expired",
    "self_signed": "self_signed",
    "wrong_host": "hostname_mismatch",
    "incomplete_chain": "incomplete_chain",
    "expiring": None,
}


async def see(transport: Transport, nginx: Nginx, quality: str, **settings: object) -> Observation:
    spec: dict[str, Any] = {
        "url": f"https://localhost:{nginx.https[quality]}/",
        "ca_file": str(nginx.ca_file),
        "family": Family.IPV4,
    }
    return await run_check(HttpProbe(transport), HttpSpec(**(spec | settings)), timeout_s=5)


@pytest.mark.parametrize("quality", EXPECTED)
async def test_it_tells_the_qualities_apart(
    transport: Transport, nginx: Nginx, quality: str
) -> None:
    assert (await see(transport, nginx, quality)).failure == EXPECTED[quality]


@pytest.mark.parametrize("quality", ["expired", "self_signed", "wrong_host", "incomplete_chain"])
async def test_it_looks_past_the_certificate_when_told_to(
    transport: Transport, nginx: Nginx, quality: str
) -> None:
    assert (await see(transport, nginx, quality, verify=False)).outcome is Outcome.UP


async def test_it_verifies_an_address_as_well_as_a_name(transport: Transport, nginx: Nginx) -> None:
    good = await see(transport, nginx, "good", url=f"https://127.0.0.1:{nginx.https['good']}/")
    port = nginx.https["wrong_host"]
    wrong = await see(transport, nginx, "wrong_host", url=f"https://127.0.0.1:{port}/")
    assert (good.failure, wrong.failure) == (None, "hostname_mismatch")


async def test_it_verifies_the_name_that_the_settings_give(
    transport: Transport, nginx: Nginx
) -> None:
    seen = await see(transport, nginx, "wrong_host", server_name="other.example")
    assert seen.outcome is Outcome.UP


async def test_it_trusts_no_private_root_by_default(transport: Transport, nginx: Nginx) -> None:
    seen = await see(transport, nginx, "good", ca_file=None)
    assert seen.failure == "incomplete_chain"


async def test_it_warns_before_a_certificate_ends(transport: Transport, nginx: Nginx) -> None:
    soon = await see(transport, nginx, "expiring", cert_warn_days=14.0)
    assert (soon.outcome, soon.failure) == (Outcome.DEGRADED, "cert_expiring")
    assert soon.message == "the certificate of localhost expires in 3 days"
    assert (await see(transport, nginx, "good", cert_warn_days=14.0)).outcome is Outcome.UP


async def test_it_keeps_issuer_and_days_left_in_the_evidence(
    transport: Transport, nginx: Nginx
) -> None:
    facts = (await see(transport, nginx, "good")).evidence["tls"]
    assert isinstance(facts, dict)
    assert (facts["issuer"], facts["version"]) == ("CN=Test Intermediate", "TLSv1.3")
    assert facts["days_left"] == pytest.approx(90, abs=0.2)


async def test_it_shakes_hands_in_full_each_time(transport: Transport, nginx: Nginx) -> None:
    options = HttpSpec(url="https://a/", ca_file=str(nginx.ca_file)).tls_options()
    for _ in range(2):
        with transport.run(Context(deadline=monotonic() + 5)) as run:
            connection = await transport.connect(run, "127.0.0.1", nginx.https["good"])
            await transport.start_tls(connection, options)
            assert connection.tls is not None
            assert not connection.tls.was_resumed
            connection.close()
    assert transport.contexts.get(options) is transport.contexts.get(options)


async def test_it_reads_a_changed_file_of_roots_again(
    transport: Transport, nginx: Nginx, tmp_path: Path
) -> None:
    roots = tmp_path / "roots.pem"
    shutil.copy(nginx.folder / "self_signed.pem", roots)
    assert (await see(transport, nginx, "good", ca_file=str(roots))).failure is not None
    shutil.copy(nginx.ca_file, roots)
    assert (await see(transport, nginx, "good", ca_file=str(roots))).outcome is Outcome.UP


async def test_it_blames_itself_for_a_file_of_roots_that_is_missing(
    transport: Transport, nginx: Nginx
) -> None:
    seen = await see(transport, nginx, "good", ca_file="/not/there.pem")
    assert (seen.outcome, seen.failure) == (Outcome.UNKNOWN, "probe_error")


async def test_it_says_that_a_plain_port_speaks_no_tls(transport: Transport, nginx: Nginx) -> None:
    seen = await see(transport, nginx, "good", url=f"https://127.0.0.1:{nginx.http}/")
    assert seen.failure == "tls_handshake"
    assert seen.message == "TLS failed: wrong version number"
