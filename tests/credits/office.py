"""A billing office over the demonstration's past: contracts, and a month that is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import time_machine
import typer
from typer.testing import CliRunner

from monitor.cli import maintenance
from monitor.cli.billing import contracts
from monitor.cli.journal import command as journal
from monitor.cli.report import command as report
from monitor.demo.past import simulate_past
from monitor.demo.scenario import past_config
from monitor.domain.time.interval import Second
from monitor.journal.access import migrate
from monitor.roles.settings import journal_url
from tests.credits.test_contracts import HEADER
from tests.support.clock import second

END = second("2026-11-01T03:00:00Z")
BEGIN = Second(END - 4 * 86_400)
RENTED = (
    "C-1,77,501,Hosting básico,default,,2026-01-10,,,F-1,L1,2026-10-01,2026-11-01,1234.56,USD,,\n"
    "C-2,78,502,Radio ñandú,default,ns1,2026-10-28,2026-10-30,,"
    "F-2,L1,2026-10-28,2026-10-30,14990,CLP,,\n"
)


@dataclass(frozen=True, slots=True)
class Office:
    """Commands as a person types them, in a folder whose journal may be anywhere."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "services.yaml"

    def type(self, *words: str) -> str:
        app = typer.Typer()
        for module in (contracts, journal, maintenance, report):
            module.register(app)
        where = ["--config", str(self.config), "--data-dir", str(self.folder)]
        ran = CliRunner().invoke(app, [*words, *where], catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
        return ran.stdout


@contextmanager
def lived_office(folder: Path) -> Iterator[Office]:
    """The demonstration's past on SQLite, with contracts, in the month after."""
    office = Office(folder)
    text = past_config(folder)
    office.config.write_text(text, "utf-8")
    migrate(journal_url(folder, None), backup=False)
    simulate_past(
        folder, past_text=text, live_text=text, begin=BEGIN, end=END, progress=lambda _: None
    )
    (folder / "contracts.csv").write_text(HEADER + RENTED, "utf-8")
    with time_machine.travel("2026-11-05T12:00:00Z", tick=False):
        office.type("contracts", "import", str(folder / "contracts.csv"))
        yield office


def told(office: Office) -> list[str]:
    """The month in every form: issued, as it was issued, and computed afresh."""
    month = ("report", "2026-10", "--format")
    return [
        office.type(*month, "json"),
        office.type(*month, "csv"),
        office.type(*month, "json", "--revision", "1"),
        office.type(*month, "json", "--all"),
    ]
