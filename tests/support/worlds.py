"""A small company for tests of the core: its catalogue, its looks, and a core over them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import (
    Alerting,
    AlertTarget,
    Brand,
    BrandPage,
    Catalogue,
    CatalogueRevision,
    Check,
    Component,
    Page,
    Route,
    Service,
)
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    ComponentId,
    FailureId,
    Outcome,
    Result,
    ServiceId,
)
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import Second
from monitor.evaluation.reprocess import Reprocessing
from monitor.evaluation.tick import Core
from monitor.incidents.writer import IncidentWriter
from monitor.journal.access import SqlJournal, open_journal
from monitor.results.log.ports import FoldKey
from monitor.state.last_runs import LastRuns
from probes.registry import all_failures
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.memory_log import MemoryLog

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
T0 = Second(1_790_000_040)
INTERVAL = 60
WEB, DNS, MAIL = ComponentId("web"), ComponentId("dns"), ComponentId("mail")
_OUTCOMES = {"+": Outcome.UP, "-": Outcome.DOWN, "~": Outcome.DEGRADED, "?": Outcome.UNKNOWN}
_FAILURES = {"-": "conn_refused", "~": "too_slow", "?": "no_network"}


def check(component: ComponentId, *, host: str | None = None, gate: str | None = None) -> Check:
    return Check(
        id=CheckId(f"{component}-check"), component=component, kind="tcp", spec=None,
        policy=Policy(interval=INTERVAL, max_gap=2 * INTERVAL), timeout_s=5, host=host, gate=gate,
    )  # fmt: skip


def with_brand_page(catalogue: Catalogue, *components: ComponentId) -> Catalogue:
    """The same, where a brand has a page of these."""
    url = "https://status.acme.example"
    page = BrandPage(
        id="acme", name=plain("Acme"), company="Acme", url=url, hosts=("status.acme.example",),
        components=components,
    )  # fmt: skip
    brands = (Brand(name="Acme", page=page),)
    return replace(catalogue, page=replace(catalogue.page, brands=brands))


def catalogue(**alerting: int) -> Catalogue:
    """web and dns of one service on one host; mail hangs on dns."""
    hosting, mail = ServiceId("hosting"), ServiceId("mail")
    return Catalogue(
        zone=ZONE,
        page=Page(name=plain("Estado"), company="Prueba", url="http://127.0.0.1"),
        services=(
            Service(id=hosting, name=plain("Hosting")),
            Service(id=mail, name=Text({"es": "Correo", "en": "Mail"})),
        ),
        components=(
            Component(id=WEB, service=hosting, name=plain("Web")),
            Component(id=DNS, service=hosting, name=plain("DNS")),
            Component(id=MAIL, service=mail, name=plain("Correo"), depends_on=(DNS,)),
        ),
        checks=(check(WEB, gate="g"), check(DNS, gate="g"), check(MAIL, gate="g")),
        alerting=Alerting(
            routes=(
                Route(id="ops", targets=(AlertTarget(id="ops-mail", kind="email", spec=None),)),
            ),
            **alerting,  # type: ignore[arg-type]
        ),
    )


class World:
    """A journal, a log, a clock and a core over them."""

    def __init__(self, folder: Path, made: Catalogue | None = None, start: Second = T0) -> None:
        self.folder = folder
        url = new_journal(folder / "journal.db")
        self.journal: SqlJournal = open_journal(url)
        self.log = MemoryLog()
        self.clock = FakeClock(start)
        revision = CatalogueRevision(
            number=1, hash="x", text="", effective_from=start, catalogue=made or catalogue()
        )
        self.catalogues = Catalogues([revision])
        self.looks = LastRuns()
        self.core = self.restarted()

    def restarted(self) -> Core:
        """A core made anew, as after a kill."""
        self.core = Core(
            journal=self.journal,
            log=self.log,
            catalogues=self.catalogues,
            incident_writer=IncidentWriter(failures=all_failures()),
            clock=self.clock,
            last_runs=self.looks,
        )
        return self.core

    def reprocessing(self) -> Reprocessing:
        return Reprocessing(core=self.core, journal=self.journal, log=self.log, clock=self.clock)

    def correct(self) -> list[FoldKey]:
        """Fold everything again that is dirty; whose timelines changed."""
        job = self.reprocessing()
        while not job.is_done:
            job.step()
        return job.corrected

    def live(self, **stories: str) -> None:
        """Let time pass: one mark a minute and component, a tick after each minute."""
        length = max(map(len, stories.values()))
        for minute in range(length):
            at = self.clock.now()
            for name, story in stories.items():
                if minute < len(story) and story[minute] != " ":
                    self.log.add(look(ComponentId(name), at, story[minute]))
            self.clock.advance(INTERVAL)
            self.core.tick()


def look(component: ComponentId, at: Second, mark: str) -> Result:
    failure = _FAILURES.get(mark)
    return Result(
        check=CheckId(f"{component}-check"), location=LOCAL, slot=at, revision=1,
        outcome=_OUTCOMES[mark], failure=FailureId(failure) if failure else None,
    )  # fmt: skip
