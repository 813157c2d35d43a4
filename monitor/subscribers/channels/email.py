"""`email`: through the mail server of the configuration."""

from __future__ import annotations

from typing import Protocol

from monitor.alerting.channels.email import EmailSpec, MailConnection, Security
from monitor.domain.catalogue import Subscribers
from monitor.subscribers.channels.kind import Route, RouteDependencies, SubscriberChannel
from monitor.subscribers.mails import RETURN_PATH, MailWriter


def mail_spec(subscribers: Subscribers) -> EmailSpec:
    """The server and the sender; whom a message goes to, each message says. Raises ValueError."""
    return EmailSpec(
        host=subscribers.host,
        sender=subscribers.sender,
        recipients=(subscribers.sender,),
        port=subscribers.port,
        security=Security(subscribers.security),
        username=subscribers.username,
        password=subscribers.password,
        ca_file=subscribers.ca_file,
        timeout_s=subscribers.timeout_s,
    )


class MailServer(Protocol):
    """`MailConnection`."""

    async def send(self, recipient: str, mail: bytes, return_path: str = "", /) -> None: ...
    def close(self) -> None: ...


class ReturningConnection:
    """Has a mail come back to where its first line says, which does not leave with it."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def send(self, address: str, written: bytes) -> None:
        """As `Connection.send` says."""
        if not written.startswith(RETURN_PATH):
            await self._server.send(address, written)
            return
        line, _, mail = written.partition(b"\r\n")
        return_path = line.removeprefix(RETURN_PATH).removesuffix(b">").decode("ascii")
        await self._server.send(address, mail, return_path)

    def close(self) -> None:
        self._server.close()


def open_route(given: RouteDependencies) -> Route:
    subscribers, spec = given.subscribers, mail_spec(given.subscribers)
    return Route(
        writer=MailWriter(
            pages=given.pages,
            links=given.links,
            bounces="" if subscribers.bounces is None else subscribers.bounces.address,
        ),
        connections=[
            ReturningConnection(MailConnection(spec)) for _ in range(subscribers.connections)
        ],
        per_minute=subscribers.per_minute,
    )


KIND = SubscriberChannel(name="email", open=open_route, summary="e-mail")
