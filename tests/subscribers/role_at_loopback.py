"""The role that tells subscribers, as it runs: but webhooks may lead to this machine.
`python -m tests.subscribers.role_at_loopback --data-dir FOLDER`.

`prepare` makes such a folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from monitor.catalogues.file import write_catalogues
from monitor.catalogues.form import form_of
from monitor.domain.catalogue import CatalogueRevision, Subscribers
from monitor.domain.change import MACHINE
from monitor.domain.incidents.incident import Incident
from monitor.domain.rollup import Shown
from monitor.domain.subscriptions.contact import EMAIL, WEBHOOK, Contact
from monitor.domain.subscriptions.subscription import (
    Subscription,
    SubscriptionId,
    SubscriptionState,
    Wanted,
)
from monitor.domain.time.interval import Second
from monitor.journal.access import migrate, open_journal
from monitor.journal.ports import JournalTransaction
from monitor.roles.catalogues.revisions import text_hash
from monitor.roles.settings import (
    catalogue_file,
    deliveries_file,
    published_dir,
    subscribers_key_file,
)
from monitor.roles.subscribers import role
from monitor.runtime.key_file import read_or_make_key
from monitor.runtime.system_clock import SystemClock
from monitor.subscribers.channels import webhook
from monitor.subscribers.deliveries import Deliveries
from statuspage.publish.publisher import publish
from statuspage.publish.render import render
from tests.statuspage.builders import showing
from tests.support.worlds import catalogue

HOOK_CONNECTIONS = "ESTADO_TEST_HOOK_CONNECTIONS"
"""A variable: over how many connections webhooks are told, where it is not as many as always."""


def prepare(folder: Path, to: Iterable[Contact], port: int, connections: int) -> None:
    """Subscribers, whose dispatcher has worked before, and a page, which webhooks repeat; mail goes
    to a server at that port."""
    folder.mkdir(exist_ok=True)
    view = showing(Shown.OPERATIONAL)
    publish(
        published_dir(folder), render(view), view.at, view.stale_after, boottime=0.0, boot_id="b"
    )
    now, url = SystemClock().now(), url_of(folder)
    settings = Subscribers(
        sender="estado@example.com", host="127.0.0.1", port=port, security="none",
        connections=connections, channels=(WEBHOOK,),
    )  # fmt: skip
    made = replace(catalogue(), subscribers=settings)
    migrate(url)
    read_or_make_key(subscribers_key_file(folder))
    with open_journal(url) as journal, journal.transaction() as tx:
        stored = tx.revisions.add(hash=text_hash(""), text="", effective_from=Second(now - 3_600))
        tx.revisions.store_form(stored.number, form_of(made))
        for number, contact in enumerate(to):
            one = Subscription(
                id=SubscriptionId(f"s{number:011d}"), kind=contact.kind, wanted=Wanted(),
                locale="es", state=SubscriptionState.CONFIRMED, created_at=now, confirmed_at=now,
            )  # fmt: skip
            tx.subscriptions.add(one, contact)
        read = tx.changes.last()
    for kind in (EMAIL, WEBHOOK):
        deliveries = Deliveries(deliveries_file(folder, kind))
        deliveries.plan([], read, now)
        deliveries.close()
    revision = CatalogueRevision(
        number=stored.number, hash="x", text="", effective_from=now, catalogue=made
    )
    write_catalogues(catalogue_file(folder), [revision])


def save(tx: JournalTransaction, changed: Incident, now: Second) -> None:
    """As the core does, so that the role has news."""
    saved = tx.incidents.save(changed)
    tx.changes.append([MACHINE.change(now, "incident.updated", saved.id)])


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'journal.db'}"


def main() -> int:
    vars(role).update(strangers_guard=lambda host, address: None)
    connections = os.environ.get(HOOK_CONNECTIONS, webhook.CONNECTIONS)
    vars(webhook).update(CONNECTIONS=int(connections))
    return role.main()


if __name__ == "__main__":
    raise SystemExit(main())
