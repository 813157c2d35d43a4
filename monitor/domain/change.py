"""The change feed: one row for everything that anybody, or the machine, did. The audit log too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.checks.observation import Json, ServiceId
from monitor.domain.time.interval import Second


class ActorKind(StrEnum):
    MACHINE = "machine"
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - a kind of actor, no secret


class Via(StrEnum):
    """By which door somebody acts. `NONE`: the machine itself, or older than the doors."""

    NONE = ""
    SHELL = "shell"
    CONSOLE = "console"
    API = "api"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`kind` is a verb in the past ("incident.opened"), `subject` the id of what changed.

    `before` and `after` are the parts that changed, JSON-able. `token` is the id of the token that
    acted for its owner, `address` the client's. `seq` is given by the journal in order of commit; 0
    until then.
    """

    at: Second
    actor: str
    kind: str
    subject: str
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    via: Via = Via.NONE
    token: str = ""
    address: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, by which door, and within which bounds: `scopes` and `services` are None where
    there are none."""

    id: str
    kind: ActorKind
    scopes: frozenset[str] | None = None
    services: frozenset[ServiceId] | None = None
    via: Via = Via.NONE
    token: str = ""
    address: str = ""

    @property
    def is_account(self) -> bool:
        """Whether a person's account acts, by itself or by a token of its own: neither the machine
        nor whoever types at the core's host."""
        return self.via in (Via.CONSOLE, Via.API)

    def may(self, scope: str) -> bool:
        return self.scopes is None or scope in self.scopes

    def change(
        self,
        at: Second,
        kind: str,
        subject: str,
        before: Mapping[str, Json] | None = None,
        after: Mapping[str, Json] | None = None,
    ) -> Change:
        """What this actor did, as the feed stores it."""
        return Change(
            at=at,
            actor=self.id,
            kind=kind,
            subject=subject,
            before=before or {},
            after=after or {},
            via=self.via,
            token=self.token,
            address=self.address,
        )


MACHINE = Actor(id="estado", kind=ActorKind.MACHINE)
