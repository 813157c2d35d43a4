"""A billing desk on a real journal: a configuration, commands, and a past told in transitions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer
from typer.testing import CliRunner

from monitor.cli.billing import contracts
from monitor.cli.config import command as config
from monitor.cli.report import command as report
from monitor.cli.visitors import name
from monitor.domain.checks.fold import FoldInput, FoldState, Policy, advance
from monitor.domain.checks.observation import LOCAL, CheckId, FailureId, Outcome
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.journal.ports import Decided
from monitor.roles.core.configuration import store_revision
from tests.support.clock import second
from tests.support.journals import new_journal

CONFIG = """
page:
  name: {es: Estado del Servicio, en: Service status}
  company: Example
  url: https://estado.example.com/
timezone: America/Argentina/Buenos_Aires
terms:
  - id: standard
    guarantee: "0.9989"
services:
  - id: hosting
    name: {es: Hosting, en: Hosting}
    components:
      - id: web-1
        name: {es: Servidor web 1, en: Web server 1}
        checks: [{id: web-1-tcp, probe: tcp, target: "203.0.113.1:80", interval: 60s}]
      - id: mail-1
        name: {es: Correo, en: Mail}
        role: courtesy
        checks: [{id: mail-1-tcp, probe: tcp, target: "203.0.113.2:25", interval: 60s}]
"""
BEGAN = second("2026-09-01T03:00:00Z")
POLICY = Policy(interval=60, max_gap=120)


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str


class Desk:
    """Commands run as a person types them; the journal is the product's own."""

    def __init__(self, folder: Path, began: Second | None = BEGAN) -> None:
        self.folder = folder
        self.config = folder / "services.yaml"
        self.config.write_text(CONFIG, "utf-8")
        (folder / "var").mkdir()
        self.url = new_journal(folder / "var" / "journal.db")
        if began is not None:
            self.publish(CONFIG, began)

    @classmethod
    def at(cls, folder: Path) -> Desk:
        """A desk that was left as it stands in a folder."""
        found = cls.__new__(cls)
        found.folder, found.config = folder, folder / "services.yaml"
        found.url = f"sqlite:///{folder / 'var' / 'journal.db'}"
        return found

    def publish(self, text: str, start: Second) -> None:
        """A configuration holds from `start` on."""
        with open_journal(self.url) as journal, journal.transaction() as tx:
            store_revision(tx, text, start, start)

    def type(self, *words: str, data_dir: Path | None = None) -> Ran:
        app = typer.Typer()
        app.callback()(lambda: None)
        contracts.register(app)
        config.register(app)
        report.register(app)
        name.register(app)
        folder = data_dir or self.folder / "var"
        options = [] if words[:2] == ("config", "check") else ["--data-dir", str(folder)]
        if words[0] != "config":
            options += ["--config", str(self.config)]
        done = CliRunner().invoke(app, [*words, *options], catch_exceptions=False)
        return Ran(done.exit_code, done.stdout, done.stderr)

    def write(self, text: str, name: str = "contracts.csv", encoding: str = "utf-8") -> str:
        file = self.folder / name
        file.write_text(text, encoding)
        return str(file)

    def live(self, check: str, start: str, end: str, *down: tuple[str, str]) -> None:
        """Look at a check every minute in [start, end); it fails in the given spans. What it lived
        before goes on."""
        spans = [(second(a), second(b)) for a, b in down]
        key, decided = (CheckId(check), LOCAL), list[Decided]()
        with open_journal(self.url) as journal, journal.transaction() as tx:
            state = tx.folds.states([key]).get(key, FoldState())
        for slot in range(second(start), second(end), POLICY.interval):
            fails = any(a <= slot < b for a, b in spans)
            look = FoldInput(
                slot=Second(slot),
                outcome=Outcome.DOWN if fails else Outcome.UP,
                failure=FailureId("conn_refused") if fails else None,
            )
            state, changed = advance(state, look, POLICY)
            decided += [
                Decided(
                    check=CheckId(check), location=LOCAL, transition=transition,
                    decided_at=look.slot, catalogue_revision=1,
                )
                for transition in changed
            ]  # fmt: skip
        with open_journal(self.url) as journal, journal.transaction() as tx:
            tx.transitions.append(decided)
            tx.folds.save({key: state}, 1)
