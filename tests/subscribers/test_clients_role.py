"""The role tells clients where the configuration says so, through the server of subscribers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import CatalogueRevision, Subscribers
from monitor.roles.subscribers import role as roles
from tests.subscribers.test_clients import ADDRESS, BON, Post, Server
from tests.subscribers.test_clients import post as post
from tests.support.patience import PATIENCE_S
from tests.support.worlds import T0, catalogue

SETTINGS = Subscribers(sender="Hosting <estado@hosting.example>", host="mail.example")


@pytest.mark.parametrize("tells_clients", [True, False])
async def test_it_tells_clients_where_that_is_wanted(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tells_clients: bool
) -> None:
    told, servers = asyncio.Event(), list[Server]()

    class Noted(Server):
        async def send(self, recipient: str, mail: bytes) -> None:
            await Server.send(self, recipient, mail)
            told.set()

    def connected(_: object) -> Server:
        servers.append(Noted())
        return servers[-1]

    monkeypatch.setattr(roles, "MailConnection", connected)
    settings = replace(SETTINGS, tells_clients=tells_clients)
    made = replace(catalogue(), subscribers=settings)
    revision = CatalogueRevision(number=1, hash="x", text="", effective_from=T0, catalogue=made)
    role = roles.SubscribersRole(tmp_path, Catalogues([revision]))
    await asyncio.to_thread(role._deliveries_of("clients").plan, [], 0, T0)
    post.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    telling = asyncio.create_task(role._clients(post.journal, settings, made.page))
    if tells_clients:
        async with asyncio.timeout(PATIENCE_S):
            await told.wait()
    else:
        await asyncio.sleep(0)
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)
    role._thread.shutdown()
    assert [to for one in servers for to, _ in one.taken] == ([ADDRESS] if tells_clients else [])
    assert len(servers) == tells_clients
