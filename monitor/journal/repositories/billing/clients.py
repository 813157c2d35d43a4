"""Where clients are told: rows that can be erased, in the one table that has addresses of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from credits.client import ClientAddress
from monitor.domain.subscriptions.mail_address import read_address
from monitor.journal.tables import client_address


class SqlClientAddresses:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, clients: Collection[str]) -> Mapping[str, ClientAddress]:
        wanted = sa.select(client_address).where(client_address.c.client_id.in_(clients))
        return {
            row.client_id: ClientAddress(address=read_address(row.address), language=row.language)
            for row in self._connection.execute(wanted)
        }

    def save(self, addresses: Mapping[str, ClientAddress | None]) -> None:
        if not addresses:
            return
        gone = client_address.c.client_id.in_(list(addresses))
        self._connection.execute(sa.delete(client_address).where(gone))
        rows = [
            {"client_id": client, "address": str(one.address), "language": one.language}
            for client, one in addresses.items()
            if one is not None
        ]
        if rows:
            self._connection.execute(sa.insert(client_address), rows)
