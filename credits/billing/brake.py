"""The brake: while it is on nothing more is applied, whoever has asked for it.

It holds between two credits: a call that is under way is answered, and what came of it is kept.
What the panel gave no answer about goes on being searched for, for that applies nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.accounts.permissions import Scope
from monitor.domain.change import Actor
from monitor.domain.checks.observation import Json
from monitor.domain.refusals import (
    Refused,
    public_text,
    require_account,
    require_every_service,
    require_scope,
)
from monitor.domain.text import Text
from monitor.domain.time.clock import Clock
from monitor.domain.time.interval import Second
from monitor.journal.ports import Journal, JournalTransaction

_FAMILY = "applying"
_PAUSED_KIND, _RESUMED_KIND = f"{_FAMILY}.paused", f"{_FAMILY}.resumed"
_PAUSED, _RESUMED = "applying_paused", "applying_resumed"
"""Cursors: the newest change of either kind. The brake is on where the first is the newer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """How it stands: since when, by whom and why; nobody has ever touched it where `since` is
    None."""

    is_on: bool
    since: Second | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrakeCommands:
    """Each method raises Refused, and nothing has changed then. Whoever may apply pulls it, at the
    core's host too; to let it go moves money and takes an account."""

    journal: Journal
    clock: Clock
    actor: Actor

    def show(self) -> Brake:
        require_scope(self.actor, Scope.CREDITS_READ)
        require_every_service(self.actor)
        with self.journal.transaction() as tx:
            return brake_of(tx)

    def pause(self, reason: str) -> Brake:
        """Pulled again it stays as it is."""
        self._require_right()
        return self._set(is_on=True, reason=reason)

    def resume(self, reason: str) -> Brake:
        self._require_right()
        require_account(self.actor)
        return self._set(is_on=False, reason=reason)

    def _require_right(self) -> None:
        require_scope(self.actor, Scope.CREDITS_APPLY)
        require_every_service(self.actor)

    def _set(self, *, is_on: bool, reason: str) -> Brake:
        words = public_text(Text({"es": reason}), "reason").in_locale("es")
        kind, cursor = (_PAUSED_KIND, _PAUSED) if is_on else (_RESUMED_KIND, _RESUMED)
        with self.journal.transaction() as tx:
            before = brake_of(tx)
            if before.is_on is is_on:
                return before
            said: dict[str, Json] = {"reason": words}
            tx.changes.append([self.actor.change(self.clock.now(), kind, _FAMILY, after=said)])
            tx.cursors.set(cursor, tx.changes.last())
            return brake_of(tx)


def brake_of(tx: JournalTransaction) -> Brake:
    paused, resumed = tx.cursors.get(_PAUSED), tx.cursors.get(_RESUMED)
    newest = max(paused, resumed)
    if not newest:
        return Brake(is_on=False)
    said = next(iter(tx.changes.since(newest - 1, 1)), None)
    if said is None or said.seq != newest:
        return Brake(is_on=paused > resumed)
    return Brake(
        is_on=paused > resumed, since=said.at, by=said.actor,
        reason=str(said.after.get("reason", "")),
    )  # fmt: skip


def require_released(tx: JournalTransaction) -> None:
    """Raises Refused while the brake is on."""
    found = brake_of(tx)
    if found.is_on:
        raise Refused("applying.paused", name=found.by, reason=found.reason)
