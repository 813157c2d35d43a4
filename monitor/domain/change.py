"""The change feed: one row for everything that anybody, or the machine, did. The audit log too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.checks.observation import Json
from monitor.domain.time.interval import Second


class ActorKind(StrEnum):
    MACHINE = "machine"
    PERSON = "person"
    TOKEN = "token"  # noqa: S105 - a kind of actor, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts; `scopes` bound what a token may do."""

    id: str
    kind: ActorKind
    scopes: frozenset[str] = frozenset()


MACHINE = Actor(id="estado", kind=ActorKind.MACHINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`kind` is a verb in the past ("incident.opened"), `subject` the id of what changed.

    `before` and `after` are the parts that changed, JSON-able. `seq` is given by the journal in
    order of commit; 0 until then.
    """

    at: Second
    actor: str
    kind: str
    subject: str
    before: Mapping[str, Json]
    after: Mapping[str, Json]
    seq: int = 0
