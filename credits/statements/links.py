"""Links to one client's statement: sealed, bounded in time, revocable, and each in the audit log.

The change that made a link is all there is of it. What a reader holds is the link's id, sealed with
a key that does not stand in the journal: nobody can make another out of it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from credits.journal import BillingJournal, BillingTransaction
from credits.report.issue import issued_part
from credits.statements.document import NoClient, client_document
from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor, Change
from monitor.domain.checks.observation import Json
from monitor.domain.refusals import NotFound, Refused, require_every_service, require_scope
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second

MOST_DAYS = 60
_DAY = 86_400
_LINKED, _REVOKED = "statement.linked", "statement.revoked"
_CONTEXT = "statement-link"


class Sealer(Protocol):
    """As `monitor.accounts.ports.Sealer`."""

    def seal(self, plain: bytes, context: str) -> bytes: ...
    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises Refused for what another key sealed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLink:
    """`until` is the first second in which it opens nothing any more."""

    id: str
    period: str
    revision: int
    client: str
    until: Second
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLinks:
    """What an account does with links. Accounts that are bounded to services make none: a report
    is about all customers."""

    journal: BillingJournal
    sealer: Sealer
    clock: Clock
    actor: Actor

    def create(
        self, name: str, period: str, revision: int, client: str, days: int
    ) -> tuple[StatementLink, str]:
        """A link and what its reader holds; `name` is fresh. Raises Refused, NotFound where there
        is no such report, or nothing in it about that client."""
        self._require_rights()
        now = self.clock.now()
        until = Second(now + days * _DAY)
        link = StatementLink(
            id=name, period=period, revision=revision, client=client, until=until, by=self.actor.id
        )
        with self.journal.transaction() as tx:
            _statement(tx, link)
            after: dict[str, Json] = {
                "month": period,
                "revision": revision,
                "client": client,
                "until": until,
            }
            tx.changes.append([self.actor.change(now, _LINKED, name, after=after)])
        return link, sealed(self.sealer, name)

    def live(self) -> Sequence[StatementLink]:
        """Those that open something now, the newest first. Raises Refused."""
        self._require_rights()
        now = self.clock.now()
        with self.journal.transaction() as tx:
            found = _links(tx)
        return [link for link in reversed(found.values()) if link.until > now]

    def revoke(self, name: str) -> None:
        """From now on it opens nothing; again changes nothing. Raises Refused, NotFound."""
        self._require_rights()
        with self.journal.transaction() as tx:
            if name in _links(tx):
                tx.changes.append([self.actor.change(self.clock.now(), _REVOKED, name, after={})])
            elif not any(one.subject == name for one in tx.changes.of_kinds((_LINKED,), 0)):
                raise NotFound("statement.unknown", id=name)

    def _require_rights(self) -> None:
        require_scope(self.actor, Scope.BILLING_READ)
        require_every_service(self.actor)


def sealed(sealer: Sealer, name: str) -> str:
    """What the reader of a link holds."""
    return base64.urlsafe_b64encode(sealer.seal(name.encode(), _CONTEXT)).decode().rstrip("=")


def opened(journal: BillingJournal, sealer: Sealer, now: Second, held: str) -> Mapping[str, Any]:
    """The statement that somebody holds a link to. Raises NotFound, always the same: for what never
    was a link, one that ended, and one that was revoked."""
    name = _name(sealer, held)
    with journal.transaction() as tx:
        link = _links(tx).get(name)
        if link is None or link.until <= now:
            raise NotFound("statement.gone")
        return _statement(tx, link)


def _name(sealer: Sealer, held: str) -> str:
    try:
        padded = held + "=" * (-len(held) % 4)
        return sealer.open(base64.b64decode(padded, b"-_", validate=True), _CONTEXT).decode()
    except (Refused, binascii.Error, ValueError) as error:
        raise NotFound("statement.gone") from error


def _links(tx: BillingTransaction) -> dict[str, StatementLink]:
    """Those that nobody has revoked, oldest first."""
    found: dict[str, StatementLink] = {}
    for change in tx.changes.of_kinds((_LINKED, _REVOKED), 0):
        if change.kind == _REVOKED:
            found.pop(change.subject, None)
        else:
            found[change.subject] = _link(change)
    return found


def _link(change: Change) -> StatementLink:
    after: Mapping[str, Any] = change.after
    return StatementLink(
        id=change.subject,
        period=after["month"],
        revision=after["revision"],
        client=after["client"],
        until=Second(after["until"]),
        by=change.actor,
    )


def _statement(tx: BillingTransaction, link: StatementLink) -> Mapping[str, Any]:
    stored = tx.reports.get(link.period, link.revision)
    if stored is None:
        raise NotFound("report.not_issued", month=link.period)
    try:
        return client_document(issued_part(stored, "client_id", link.client), link.client)
    except NoClient as error:
        raise NotFound("statement.no_client", client=link.client, month=link.period) from error
