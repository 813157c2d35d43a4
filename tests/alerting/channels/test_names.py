"""A message about a dead resolver gets out by where its target was last."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from monitor.alerting.channels.email import EmailNotifier
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.last_known_addresses import LastKnownResolver
from monitor.alerting.channels.webhook import WebhookNotifier, WebhookSpec
from monitor.alerting.ports import Transient
from monitor.domain.incidents.delivery import EventKind
from tests.alerting.channels.smtp_script import scripted_smtp
from tests.alerting.channels.test_email import to, told
from tests.alerting.channels.test_webhook import MESSAGE
from tests.domain.incidents import DECIDED_AT
from tests.support.clock import FakeClock
from tests.support.http_sink import sink


class System(AbstractResolver):
    """The machine's resolver: knows one host, and can fail or hang."""

    is_dead = False
    hangs = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if self.hangs:
            await asyncio.Event().wait()
        if self.is_dead or host != "alerts.test":
            raise OSError("Name or service not known")
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def system() -> System:
    return System()


async def test_a_host_is_where_it_was_last_while_the_resolver_is_dead_or_hangs(
    system: System,
) -> None:
    found = LastKnownResolver(patience_s=0.05, system=system)
    (first,) = await found.resolve("alerts.test", 443)
    system.is_dead = True
    assert await found.resolve("alerts.test", 443) == [first]
    assert [one["port"] for one in await found.resolve("alerts.test", 80)] == [80]
    system.hangs = True
    assert await found.resolve("alerts.test", 443) == [first]


async def test_a_host_that_was_never_found_is_not_invented(system: System) -> None:
    system.is_dead = True
    with pytest.raises(OSError, match="not known"):
        await LastKnownResolver(system=system).resolve("alerts.test", 443)


async def test_a_webhook_by_name_is_told_that_names_do_not_resolve(system: System) -> None:
    dependencies = ChannelDependencies(clock=FakeClock(DECIDED_AT))
    notifier = WebhookNotifier(dependencies, LastKnownResolver(system=system))
    async with sink() as there:
        spec = WebhookSpec(url=there.url.replace("127.0.0.1", "alerts.test"))
        await notifier.send(MESSAGE, spec)
        system.is_dead = True
        await notifier.send(MESSAGE, spec)
    assert len(there.got) == 2
    unknown = WebhookSpec(url="http://other.test/")
    with pytest.raises(Transient, match=r"other\.test"):
        await notifier.send(MESSAGE, unknown)


async def test_a_mail_server_by_name_is_told_that_names_do_not_resolve(system: System) -> None:
    dependencies = ChannelDependencies(clock=FakeClock(DECIDED_AT))
    notifier = EmailNotifier(dependencies, LastKnownResolver(system=system))
    async with scripted_smtp() as server:
        spec = replace(to(server.port), host="alerts.test")
        await notifier.send(told(), spec)
        system.is_dead = True
        await notifier.send(told(EventKind.RESOLUTION), spec)
        with pytest.raises(Transient, match=r"other\.test"):
            await notifier.send(told(), replace(spec, host="other.test"))
