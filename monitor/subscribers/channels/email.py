"""`email`: through the mail server of the configuration."""

from __future__ import annotations

from monitor.alerting.channels.email import EmailSpec, MailConnection, Security
from monitor.domain.catalogue import Subscribers
from monitor.subscribers.channels.kind import Route, RouteDependencies, SubscriberChannel
from monitor.subscribers.mails import MailWriter


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


def open_route(given: RouteDependencies) -> Route:
    subscribers, spec = given.subscribers, mail_spec(given.subscribers)
    return Route(
        writer=MailWriter(sender=subscribers.sender, page=given.page, links=given.links),
        connections=[MailConnection(spec) for _ in range(subscribers.connections)],
        per_minute=subscribers.per_minute,
    )


KIND = SubscriberChannel(name="email", open=open_route, summary="e-mail")
