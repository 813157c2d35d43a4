"""An account for whoever starts the demonstration, so that he signs in within the first minute."""

from __future__ import annotations

from monitor.accounts.commands import AccountCommands
from monitor.accounts.secrets import Argon2Passwords, SystemRandomness
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor, ActorKind, Via
from monitor.journal.access import open_journal
from monitor.runtime.system_clock import SystemClock

NAME = "demo"


def make_account(journal_url: str) -> str | None:
    """The password of a new admin, which is said this once; None where it was made before."""
    with open_journal(journal_url) as journal:
        with journal.transaction() as tx:
            if any(account.name == NAME for account in tx.accounts.every()):
                return None
        actor = Actor(id="estado-demo", kind=ActorKind.PERSON, via=Via.SHELL)
        accounts = AccountCommands(
            journal=journal, passwords=Argon2Passwords(), randomness=SystemRandomness(),
            clock=SystemClock(), actor=actor, known_services=(),
        )  # fmt: skip
        _, password = accounts.add(NAME, roles=[AccountRole.ADMIN], full_name="Demostración")
        return password
