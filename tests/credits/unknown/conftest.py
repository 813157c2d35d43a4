"""An office whose monitor was down for two hours of a night in October."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine

from credits.life.credit import Assumed
from credits.life.ruling import Chosen
from credits.unknown.commands import Ruled, RulingCommands, RulingDraft
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor
from monitor.domain.exclusions.classification import Evidence
from monitor.journal.access import open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from tests.credits.desk import Desk
from tests.credits.test_classification import EVA, LUZ, PESOS, person
from tests.credits.test_classification import NIGHT as EXCLUDED
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.credits.test_credit_close import NOVEMBER, Office
from tests.support.clock import FakeClock, second

ANA = person("ana", AccountRole.BILLING)
ZOE = person("zoe", AccountRole.APPROVER)
DARK = ("2026-10-20T05:00:00Z", "2026-10-20T07:00:00Z")
OUTAGE = EXCLUDED
"""An exclusion of another time of the same month."""
NIGHT = Chosen(month="2026-10", cause="monitor_down")
UNPRICED = "C-5,80,505,Cortesía,standard,web-1,2026-01-10,,,,,,,,,,\n"
WORDS = Evidence(text="El registro de accesos no tiene huecos.")

__all__ = ["ANA", "EVA", "LUZ", "NIGHT", "OUTAGE", "ZOE"]


class Night(Office):
    """With people who say what the unknown time was."""

    def ruling(self, actor: Actor = ANA) -> RulingCommands:
        return RulingCommands(
            journal=self.journal, catalogues=RevisionReader(self.journal).read(),
            clock=self.clock, actor=actor,
        )  # fmt: skip

    def asked(
        self, assumed: Assumed = Assumed.DOWN, chosen: Chosen = NIGHT, by: Actor = ANA
    ) -> str:
        draft = RulingDraft(assumed=assumed.value, evidence=WORDS, chosen=chosen)
        return str(self.ruling(by).propose(draft).record.reference)

    def decided(self, assumed: Assumed, chosen: Chosen = NIGHT) -> Ruled:
        reference = self.asked(assumed, chosen)
        return self.ruling(LUZ).approve(reference, reason="Consta en el registro")


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    desk = Desk(tmp_path_factory.mktemp("dark"))
    for check in ("web-1-tcp", "mail-1-tcp"):
        desk.live(check, "2026-09-30T00:00:00Z", DARK[0])
        desk.live(check, DARK[1], "2026-12-02T00:00:00Z")
    with time_machine.travel("2026-11-01T12:00:00Z", tick=False):
        paid = HEADER + OCTOBER + NOVEMBER + PESOS
        assert desk.type("contracts", "import", desk.write(paid)).code == 0
    return desk.folder


@pytest.fixture
def night(dark: Path, tmp_path: Path) -> Iterator[Night]:
    shutil.copytree(dark, tmp_path / "desk")
    desk = Desk.at(tmp_path / "desk")
    with open_journal(desk.url) as journal:
        night = Night(desk, journal)
        night.clock = FakeClock.at("2026-11-01T12:00:00Z")
        with time_machine.travel("2026-11-01T12:00:00Z", tick=False):
            yield night


def at(night: Night, text: str) -> None:
    night.clock.advance(second(text) - night.clock.now())
