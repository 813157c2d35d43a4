"""A name that is not ASCII is asked for, dialled and verified as browsers do it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from time import monotonic

import pytest

from monitor.domain.checks.probe import Context
from monitor.net.errors import ProbeFailure
from monitor.net.family import Family
from monitor.net.host_names import ascii_host
from monitor.net.resolve.resolver import Resolver
from monitor.net.tls.contexts import TlsOptions
from monitor.net.transport import Transport
from monitor.runtime.system_clock import SystemClock
from tests.support.certificates import Authority
from tests.support.dns_server import dns_server, zone

NAME = "xn--strae-oqa.test"


async def test_it_dials_and_verifies_the_name_that_a_browser_asks_for(tmp_path: Path) -> None:
    """UTS 46 without the transition: `ß` is a letter of its own, and `strasse` another's name."""
    authority = Authority()
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.ca_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.good((NAME,)).write(tmp_path, "leaf"))
    listener = await asyncio.start_server(lambda _, w: w.close(), "127.0.0.1", 0, ssl=context)
    port = listener.sockets[0].getsockname()[1]
    async with listener, dns_server(zone({f"{NAME} A": ["127.0.0.1"]})) as server:
        resolver = Resolver(settings=server.settings, hosts={})
        transport = Transport(wall=SystemClock().wall, resolver=resolver)
        with transport.run(Context(deadline=monotonic() + 5)) as run:
            connection = await transport.connect(run, "Straße.test", port, family=Family.IPV4)
            certificate = await transport.start_tls(connection, TlsOptions(ca_file=str(roots)))
            connection.close()
    assert certificate is not None
    assert certificate.names == (NAME,)


async def test_it_says_that_a_name_is_none(tmp_path: Path) -> None:
    transport = Transport(wall=SystemClock().wall)
    with (
        transport.run(Context(deadline=monotonic() + 5)) as run,
        pytest.raises(ProbeFailure) as fault,
    ):
        await transport.connect(run, "a\u2ff0.test", 1)
    assert fault.value.failure == "dns_fail"


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("WWW.Radio.test", "WWW.Radio.test"),
        ("_dmarc.ESPAÑA.test", "_dmarc.xn--espaa-rta.test"),
        ("mañana.test.", "xn--maana-pta.test."),
    ],
)
def test_what_is_ascii_stays_as_it_is(written: str, asked: str) -> None:
    assert ascii_host(written) == asked
