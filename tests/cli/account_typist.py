"""Somebody who types commands about accounts at one data folder, and what its journal has then."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from typer.testing import CliRunner, Result

from monitor.accounts.authorize import Authorizer
from monitor.accounts.ports import AccountsTransaction
from monitor.accounts.rights import existing
from monitor.cli import build_app
from monitor.domain.accounts.account import AccountName, AccountSession
from monitor.domain.change import Actor, Change
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.runtime.system_clock import SystemClock
from tests.support.terminal import typed_at_terminal

PASSWORD = "caballo bateria grapa"
FULL_NAME = "Ana [b] Pérez"
CONFIG = """
page: {name: Estado, company: Altomarketing, url: "https://estado.example"}
timezone: America/Argentina/Buenos_Aires
services:
  - id: radio
    name: Radio
    components:
      - id: radio2
        name: {es: Streaming de radio 2, en: Radio streaming 2}
        checks: [{id: radio2-tcp, probe: tcp, target: "127.0.0.1:9"}]
  - id: hosting
    name: Hosting
    components:
      - id: web-1
        name: Web 1
        checks: [{id: web-1-tcp, probe: tcp, target: "127.0.0.1:10"}]
"""


@dataclass(frozen=True)
class AccountTypist:
    folder: Path

    @classmethod
    def at(cls, folder: Path) -> AccountTypist:
        (folder / "services.yaml").write_text(CONFIG, "utf-8")
        return cls(folder)

    @classmethod
    def with_staff(cls, folder: Path) -> AccountTypist:
        """An admin, and an operator of one service."""
        typist = cls.at(folder)
        typist.adds("jefa", "--role", "admin")
        typist.adds("ana", "--role", "operator", "--service", "radio", "--full-name", FULL_NAME)
        return typist

    def copied(self, folder: Path) -> AccountTypist:
        """The same at another folder, which is quicker than hashing passwords again."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return AccountTypist(folder)

    def words(self, *words: str) -> list[str]:
        return [*words, "-c", str(self.folder / "services.yaml"), "-d", str(self.folder / "data")]

    def types(self, *words: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(build_app(words), self.words(*words), input=stdin)

    def reads(self, *words: str, stdin: str | None = None) -> str:
        done = self.types(*words, stdin=stdin)
        assert done.exit_code == 0, done.output
        return done.stdout

    def adds(self, name: str, *words: str) -> None:
        self.reads("user", "add", name, *words, "--password-stdin", stdin=f"{PASSWORD}\n")

    @contextmanager
    def transaction(self) -> Iterator[AccountsTransaction]:
        with open_journal(self.url) as journal, journal.transaction() as tx:
            yield tx

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'data' / 'journal.db'}"

    def changes(self) -> list[Change]:
        with self.transaction() as tx:
            return list(tx.changes.since(0, 100))

    def stored(self) -> bytes:
        """Every byte of the data folder while the journal is open: its log of writes too."""
        with open_journal(self.url) as journal, journal.transaction() as tx:
            tx.accounts.every()
            files = [path for path in (self.folder / "data").rglob("*") if path.is_file()]
            return b"".join(path.read_bytes() for path in files)

    def signs_in(self, name: str, at: int, key_hash: str = "0" * 64) -> None:
        """As a browser's session stands in the journal."""
        with self.transaction() as tx:
            tx.accounts.add_session(
                AccountSession(
                    key_hash=key_hash,
                    account=AccountName(name),
                    created_at=Second(at),
                    last_used_at=Second(at),
                    expires_at=Second(at + 1_000),
                    address="192.0.2.7",
                    user_agent="Firefox",
                )
            )

    def sets_second_factor(self, name: str) -> None:
        """As a sealed seed and a recovery code stand in the journal."""
        with self.transaction() as tx:
            account = existing(tx, name)
            tx.accounts.save(replace(account, totp_seed=b"sealed", recovery_hashes=("0" * 64,)))

    def opens(self, token: str) -> Actor:
        """As a request with this token. Raises Refused where it opens nothing."""
        with open_journal(self.url) as journal:
            clock = SystemClock()
            authorizer = Authorizer(reading=journal, journal=journal, clock=clock)
            user = authorizer.by_token(token, "")
            if user.last_use is not None:
                authorizer.note(user.last_use)
            return user.actor

    def at_a_terminal(self, *words: str, typed: Sequence[str]) -> tuple[int, str]:
        """Exit code and all that the terminal shows; a line is typed at each prompt."""
        argv = [sys.executable, "-m", "monitor.cli", *self.words(*words)]
        return typed_at_terminal(argv, typed)
