"""What is over stays for ever at its address, and costs nothing until a revision touches it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp.test_utils import TestClient, TestServer

from credits.period.month import Month
from credits.report.report import monthly_report, read_month
from monitor.domain.catalogue import Catalogue, Role, Subscribers
from monitor.domain.change import MACHINE
from monitor.domain.checks.fold import Transition
from monitor.domain.checks.observation import LOCAL, CheckId, Outcome
from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.exclusions.classification import (
    Evidence,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.incidents.incident import IncidentId
from monitor.domain.text import plain
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.formats import NBSP
from monitor.journal.ports import Decided, LatencyKey
from monitor.results.rollups.sketch import Sketch
from monitor.roles.core.pages.recounts import RECOUNTED
from monitor.roles.settings import published_dir
from statuspage.publish.archive import folder as archive_folder
from statuspage.publish.archive import month_writing
from statuspage.publish.archive.manifest import ArchiveIndex, MonthManifest
from statuspage.publish.manifest import ManifestError
from statuspage.publish.page_models import written
from statuspage.serve.archive import ArchiveReader
from statuspage.serve.server import SnapshotWatcher, make_app
from tests.incidents.operators import Desk
from tests.roles.archive_world import DAY, HOUR, Company, body_of, local, on_thread
from tests.support.worlds import DNS, WEB

# Months of a company's life are lived tick by tick.
pytestmark = pytest.mark.timeout(400)

LONG_AFTER = "2027-03-01T00:00"
"""When the page has forgotten the outage."""
WELL = {"dns": "+", "mail": "+"}


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, str]:
    """A company whose page is only read, and its incident."""
    company = Company(tmp_path_factory.mktemp("past"))
    return company, asyncio.run(lived(company, LONG_AFTER))


def fall(company: Company) -> str:
    """web is down for a day; the incident's id once it is resolved."""
    company.live(web="----+++", dns="+++++++", mail="+++++++")
    return company.incidents()[-1]


async def lived(company: Company, until: str = "2026-12-02T00:00") -> str:
    """An outage in October, a window in November, and quiet until then, all of it archived."""
    company.live(until="2026-10-12T00:00")
    id_ = fall(company)
    company.live(until="2026-11-04T00:00")
    company.announce("disco", local("2026-11-06T00:00"), 12, WEB)
    company.live(until=until)
    await company.publish()
    return id_


def test_a_permalink_outlives_the_ninety_days(past: tuple[Company, str]) -> None:
    company, id_ = past
    for path in (f"/incidente/{id_}", f"/en/incident/{id_}"):
        document = company.page(path)
        (title,) = document.texts("h1")
        assert title.startswith(("Resuelto: ", "Resolved: "))
    window = company.page("/mantenimiento/disco")
    assert window.texts("h1") == ["Terminado: Cambio de disco"]
    moved = company.ask(f"/incidents/{id_}")
    assert (moved.status, dict(moved.headers)["Location"]) == (308, f"/incidente/{id_}")
    assert company.ask("/incidente/zzzzzz").status == 404


def test_each_month_since_the_first_look_has_a_page(past: tuple[Company, str]) -> None:
    company, id_ = past
    october = company.page("/historial/2026-10")
    assert october.texts("h1") == ["Octubre de 2026"]
    links = [address for _, address in october.links()]
    assert "/historial/2026-09" in links
    assert "/historial/2026-11" in links
    assert f"/incidente/{id_}" in links
    assert company.page("/en/history/2026-11").texts("h1") == ["November 2026"]
    assert "/mantenimiento/disco" in [a for _, a in company.page("/historial/2026-11").links()]
    assert company.ask("/historial/2026-08").status == 404
    running = company.ask("/historial/2027-03")
    assert (running.status, dict(running.headers)["Location"]) == (
        302, "/historial#m2027-03",
    )  # fmt: skip


def test_days_before_the_first_look_are_grey_and_said(past: tuple[Company, str]) -> None:
    company, _ = past
    september = company.page("/historial/2026-09")
    assert [e.attrib["d"] for e in september.with_class("b-un")] == ["M0 27h20"] * 3
    assert "Los días en gris son de antes de que empezáramos a controlar" in september.text()
    assert "Sin control antes del 21 de septiembre." in september.text()
    assert "/historial/2026-08" not in [address for _, address in september.links()]
    october = company.page("/historial/2026-10")
    assert october.with_class("b-un") == []
    assert "en gris" not in october.text()


def test_a_month_says_what_the_report_says(past: tuple[Company, str]) -> None:
    company, _ = past
    told = company.page("/historial/2026-10").text().replace(NBSP, " ")
    with company.world.journal.transaction() as tx:
        read = read_month(tx, company.world.catalogues, Month(2026, 10), company.now)
        found = {c.component.id: c.seconds for c in monthly_report(read).components}
    down = found[WEB].down
    assert down == DAY
    assert "1 d" in told
    share = 10_000 * (31 * DAY - down) // (31 * DAY)
    assert f"{share // 100},{share % 100:02d} %" in told
    assert found[DNS].down == 0
    assert "Los otros 2 servicios: 100 %" in told


def test_the_live_history_and_the_sitemap_lead_to_all_of_it(past: tuple[Company, str]) -> None:
    company, id_ = past
    links = [address for _, address in company.page("/historial").links()]
    assert {f"/historial/2026-{month:02d}" for month in (9, 10, 11, 12)} <= set(links)
    sitemap = body_of(company.ask("/sitemap.xml")).decode()
    for path in ("/historial/2026-09", "/en/history/2026-10", f"/incidente/{id_}"):
        assert f"<loc>https://estado.example{path}</loc>" in sitemap
    (canonical,) = (
        e.attrib["href"]
        for e in company.page("/historial/2026-10").root.iter("link")
        if e.attrib["rel"] == "canonical"
    )
    assert canonical == "https://estado.example/historial/2026-10"
    alternates = {
        e.attrib["hreflang"]: e.attrib["href"]
        for e in company.page("/historial/2026-10").root.iter("link")
        if "hreflang" in e.attrib
    }
    assert alternates["en"] == "https://estado.example/en/history/2026-10"


async def test_what_nothing_touches_is_neither_read_nor_written(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On the second of December a result to come may still change November: that is looked at.
    await lived(company, "2026-12-03T00:00")
    before = {p: p.stat().st_mtime_ns for p in company.root.rglob("*")}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a closed page was looked at")

    monkeypatch.setattr(month_writing.MonthWriting, "step", never)
    monkeypatch.setattr("monitor.roles.core.pages.archiving.MonthReading", never)
    company.live(web="++", dns="++", mail="++")
    await company.publish()
    assert {p: p.stat().st_mtime_ns for p in company.root.rglob("*")} == before


async def test_a_core_that_starts_again_renders_nothing_anew(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(company)
    written: list[Path] = []
    monkeypatch.setattr(archive_folder, "_write", lambda path, _: written.append(path))
    company.new_archivist()
    await company.publish()
    assert [p for p in written if p.suffix == ".gz"] == []
    assert company.renderer.archives[None].months


async def test_an_old_journal_is_archived_by_a_core_that_has_never_seen_it(
    company: Company,
) -> None:
    id_ = await lived(company, LONG_AFTER)
    told = body_of(company.ask("/historial/2026-10"))
    for path in sorted(company.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    company.new_archivist()
    await company.publish()
    assert body_of(company.ask("/historial/2026-10")) == told
    assert company.ask(f"/incidente/{id_}").status == 200


async def test_a_corrected_text_is_rendered_anew_with_the_former_one_in_view(
    company: Company,
) -> None:
    id_ = await lived(company, LONG_AFTER)
    with company.world.journal.transaction() as tx:
        (incident,) = tx.incidents.some([IncidentId(id_)])
        last = incident.updates[-1]
        corrected = replace(
            last,
            person=plain("Era el disco."),
            former=() if last.shown is None else (last.shown,),
            corrected_at=company.now,
        )
        tx.incidents.save(replace(incident, updates=(*incident.updates[:-1], corrected)))
        tx.changes.append([MACHINE.change(company.now, "incident.updated", id_)])
    company.live(web="+", **WELL)
    await company.publish()
    told = company.page(f"/incidente/{id_}").text()
    assert "Era el disco." in told
    assert "Versión anterior:" in told


async def test_what_happened_and_why_reaches_a_page_that_was_closed_long_ago(
    company: Company,
) -> None:
    id_ = await lived(company, LONG_AFTER)
    Desk(company.world).commands.postmortem(id_, text=plain("Falló la fuente de un disco."))
    company.live(web="+", **WELL)
    await company.publish()
    told = company.page(f"/incidente/{id_}").text()
    assert "Qué pasó y por qué" in told
    assert told.index("Falló la fuente de un disco.") < told.index("funciona con normalidad")


def approve(company: Company, start: Second, hours: int) -> None:
    """Two people left time of web out."""
    proposed = ExclusionRevision(
        reference=ExclusionReference("E-1"), revision=1, component=WEB,
        interval=Interval(start, Second(start + hours * HOUR)), cause="force_majeure",
        evidence=Evidence(text=""), proposed_by="ana", at=company.now,
    )  # fmt: skip
    decided = replace(
        proposed, revision=2, state=RevisionState.APPROVED, decided_by="bea", at=company.now
    )
    with company.world.journal.transaction() as tx:
        tx.exclusions.append(proposed)
        tx.exclusions.append(decided)
        tx.changes.append([MACHINE.change(company.now, "exclusion.approved", "E-1")])


async def test_what_is_counted_anew_shows_the_former_figure_and_its_date(
    company: Company,
) -> None:
    id_ = await lived(company, LONG_AFTER)
    with company.world.journal.transaction() as tx:
        (incident,) = tx.incidents.some([IncidentId(id_)])
    approve(company, incident.started_at, 12)
    await company.publish()
    told = company.page("/historial/2026-10").text().replace(NBSP, " ")
    assert "Cifras corregidas" in told
    assert "Hasta el lunes 1 de marzo de 2027 decía: 1 d sin servicio, 96,77 %." in told
    assert "98,38 %" in told
    page = company.page(f"/incidente/{id_}").text().replace(NBSP, " ")
    assert "Hasta el lunes 1 de marzo de 2027 contaban 1 d." in page
    with company.world.journal.transaction() as tx:
        recorded = tx.changes.of_kinds((RECOUNTED,), 0)
    assert [c.subject for c in recorded] == ["2026-10", id_]
    await again_from_nothing(company)
    assert company.page("/historial/2026-10").text().replace(NBSP, " ") == told
    with company.world.journal.transaction() as tx:
        assert tx.changes.of_kinds((RECOUNTED,), 0) == recorded


async def test_an_incident_of_the_last_ninety_days_shows_its_former_figure_too(
    company: Company,
) -> None:
    id_ = await lived(company)
    assert company.ask(f"/incidente/{id_}").status == 200
    with company.world.journal.transaction() as tx:
        (incident,) = tx.incidents.some([IncidentId(id_)])
    approve(company, incident.started_at, 12)
    await company.publish()
    told = company.page(f"/incidente/{id_}").text().replace(NBSP, " ")
    assert "Registro cerrado" not in told
    assert "Hasta el miércoles 2 de diciembre de 2026 contaban 1 d." in told


async def again_from_nothing(company: Company) -> None:
    """The archive is lost, and written anew."""
    for path in sorted(company.root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    company.new_archivist()
    await company.publish()


async def test_a_full_disk_leaves_what_there_was_and_the_next_minute_goes_on(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await lived(company)
    company.live(web="-----++++", dns="+++++++++", mail="+++++++++")
    told = body_of(company.ask("/historial/2026-10"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        assert not await company.archive()
    assert body_of(company.ask("/historial/2026-10")) == told
    assert company.ask(f"/incidente/{id_}").status == 200
    assert list(company.root.rglob(".*")) == []
    await company.archive()
    newest = company.incidents()[-1]
    assert f"/incidente/{newest}" in set(written_paths(company))


def written_paths(company: Company) -> list[str]:
    index = ArchiveIndex.decode((company.root / "index.json").read_bytes())
    found = [MonthManifest.decode((company.root / f).read_bytes()) for f in index.months.values()]
    return [path for month in found for path in month.pages]


@pytest.mark.parametrize("harm", ["gone", "cut", "other", "month", "index"])
async def test_what_is_damaged_is_written_anew_within_the_hour(company: Company, harm: str) -> None:
    await lived(company)
    told = body_of(company.ask("/historial/2026-10"))
    index = ArchiveIndex.decode((company.root / "index.json").read_bytes())
    month = company.root / index.months["2026-10"]
    page = MonthManifest.decode(month.read_bytes()).pages["/historial/2026-10"]
    path = {"month": month, "index": company.root / "index.json"}.get(
        harm, company.root / page.file
    )
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:40] if harm == "cut" else b"x" * path.stat().st_size)
    if harm in ("month", "index"):
        # In memory the core has it whole: what it reads when it starts is what is damaged.
        company.new_archivist()
    company.live(web="+", **WELL)
    await company.publish()
    assert body_of(company.ask("/historial/2026-10")) == told


class Killed(BaseException):
    """What no code catches."""


async def test_a_kill_at_any_write_shows_the_archive_before_or_after(company: Company) -> None:
    """Each write of a corrected month is the last one, in turn."""
    id_ = await lived(company)
    before = body_of(company.ask("/historial/2026-10"))
    with company.world.journal.transaction() as tx:
        (incident,) = tx.incidents.some([IncidentId(id_)])
    approve(company, incident.started_at, 12)
    real: Callable[[Path, bytes], None] = archive_folder._write
    seen = set()
    for last in range(12):
        writes = iter(range(last))

        def killed(path: Path, content: bytes, writes: Iterator[int] = writes) -> None:
            if next(writes, None) is None:
                raise Killed
            real(path, content)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(archive_folder, "_write", killed)
            try:
                await company.archive()
            except Killed:
                pass
            else:
                break
        seen.add(body_of(company.ask("/historial/2026-10")))
        assert company.ask(f"/incidente/{id_}").status == 200
        company.new_archivist()
    await company.archive()
    after = body_of(company.ask("/historial/2026-10"))
    assert after != before
    assert seen <= {before, after}
    with company.world.journal.transaction() as tx:
        assert len(tx.changes.of_kinds((RECOUNTED,), 0)) == 2


async def test_what_is_made_private_is_withheld_at_once_and_gone_from_every_byte(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await lived(company)
    company.configure(lambda whole: made_private(whole, "web"))
    with monkeypatch.context() as patched:
        patched.setattr("monitor.roles.core.pages.archiving.MonthReading", stopped)
        with pytest.raises(asyncio.CancelledError):
            await company.archive()
    assert company.ask("/historial/2026-10").status == 503
    company.new_archivist()
    await company.publish()
    assert company.ask(f"/incidente/{id_}").status == 410
    assert company.ask(f"/incidents/{id_}").status == 410
    assert company.page("/historial/2026-10").text().count("Web") == 0
    for path in company.root.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            plain_ = gzip.decompress(content) if path.suffix == ".gz" else content
            assert b">Web<" not in plain_, path
            assert id_.encode() not in plain_, path


async def test_a_clock_that_is_not_believed_keeps_nothing_private_in_view(
    company: Company,
) -> None:
    """Nothing is closed by it for a day; what was made private may not wait that long."""
    await lived(company)
    links = company.renderer.archives[None]
    company.configure(lambda whole: made_private(whole, "web"))
    archivist = company.new_archivist()
    assert await archivist.show(company.world.core)
    assert company.ask("/historial/2026-10").status == 503
    # What there is stays in the sitemap and in the history.
    assert (archivist.links.months, archivist.links.pages) == (links.months, links.pages)
    index = (company.root / "index.json").stat().st_mtime_ns
    assert not await archivist.show(company.world.core)
    assert (company.root / "index.json").stat().st_mtime_ns == index
    await company.publish()
    assert company.page("/historial/2026-10").text().count("Web") == 0


def stopped(*_: object, **__: object) -> None:
    raise asyncio.CancelledError


def made_private(whole: Catalogue, wanted: str) -> Catalogue:
    components = (replace(c, is_public=c.id != wanted) for c in whole.components)
    return replace(whole, components=tuple(components))


async def test_a_component_that_left_stays_in_its_months_without_a_link(company: Company) -> None:
    id_ = await lived(company, LONG_AFTER)
    company.configure(without_web)
    await company.publish()
    october = company.page("/historial/2026-10")
    assert "Web" in october.text()
    assert "/componente/web" not in [address for _, address in october.links()]
    assert company.ask(f"/incidente/{id_}").status == 200


def without_web(whole: Catalogue) -> Catalogue:
    checks = tuple(c for c in whole.checks if c.component != WEB)
    return replace(whole, components=whole.components[1:], checks=checks)


async def test_pages_of_the_past_lead_to_the_form_once_visitors_may_ask(company: Company) -> None:
    id_ = await lived(company)
    path = f"/en/incident/{id_}"
    assert "/en/subscribe" not in [address for _, address in company.page(path).links()]
    asking = Subscribers(sender="a@example.com", host="127.0.0.1")
    company.configure(lambda whole: replace(whole, subscribers=asking))
    await company.publish()
    for closed in (path, "/en/history/2026-10"):
        assert "/en/subscribe" in [address for _, address in company.page(closed).links()]


async def test_what_is_decided_late_of_a_closed_month_counts_it_anew(company: Company) -> None:
    await lived(company)
    before = body_of(company.ask("/historial/2026-11"))
    untouched = body_of(company.ask("/historial/2026-10"))
    fell, rose = local("2026-11-20T09:00"), local("2026-11-20T15:00")
    found = [
        Decided(
            check=CheckId("dns-check"), location=LOCAL, decided_at=company.now,
            catalogue_revision=1,
            transition=Transition(
                source=was, to=to, effective_at=at, previous_at=None, decided_by=at,
                cause="conn_refused",
            ),
        )
        for at, was, to in ((fell, Outcome.UP, Outcome.DOWN), (rose, Outcome.DOWN, Outcome.UP))
    ]  # fmt: skip
    with company.world.journal.transaction() as tx:
        tx.transitions.correct(found[0].key, Interval(fell, Second(rose + 1)), found)
    await company.publish()
    told = company.page("/historial/2026-11").text().replace(NBSP, " ")
    assert body_of(company.ask("/historial/2026-11")) != before
    assert "6 h" in told
    assert "decía: 0 s sin servicio" in told
    assert body_of(company.ask("/historial/2026-10")) == untouched


async def test_pages_of_another_program_are_served_with_the_files_they_load(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(company)
    page = company.page("/historial/2026-10")
    styles = [a for tag, a in page.links() if tag == "link" and a.endswith(".css")]
    monkeypatch.setattr("statuspage.publish.render.static_files", dict)
    await company.renderer.render(company.world.core, read_clock(company.world.clock), on_thread)
    for path in styles:
        answer = company.ask(path)
        assert answer.status == 200
        assert b"--bg" in body_of(answer)
        assert dict(answer.headers)["Cache-Control"].endswith("immutable")


async def test_another_program_renders_every_page_anew(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(company)
    rendered: list[object] = []

    def counted(*args: Any) -> bytes:
        rendered.append(args[0])
        return written(*args)

    monkeypatch.setattr(month_writing, "written", counted)
    monkeypatch.setattr("monitor.roles.core.pages.archiving.program", lambda: "another")
    monkeypatch.setattr(month_writing, "program", lambda: "another")
    await company.publish()
    assert len(rendered) == len(
        [p for p in written_paths(company) if not p.startswith(("/static/", "/api/"))]
    )


async def test_a_format_of_the_future_is_refused_and_the_live_page_goes_on(
    company: Company,
) -> None:
    await lived(company)
    index = company.root / "index.json"
    index.write_bytes(index.read_bytes().replace(b'"format": 1', b'"format": 99'))
    with pytest.raises(ManifestError):
        ArchiveReader(company.root).newer()
    company.new_archivist()
    await company.publish()
    assert company.ask("/historial/2026-10").status == 200


async def test_what_could_not_be_read_for_a_moment_is_read_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived(company)
    index = ArchiveIndex.decode((company.root / "index.json").read_bytes())
    october = company.root / index.months["2026-10"]
    for refused in (october, company.root / "index.json"):
        reader = ArchiveReader(company.root)
        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", refusing(refused, Path.read_bytes))
            with suppress(OSError):
                reader.newer()
            # It is reported once, and nothing is said anew while it stays so.
            assert reader.newer() is None
        archive = reader.newer()
        assert archive is not None
        assert "/historial/2026-10" in archive.pages
        assert reader.newer() is None


def refusing(refused: Path, read: Callable[[Path], bytes]) -> Callable[[Path], bytes]:
    def read_bytes(path: Path) -> bytes:
        if path == refused:
            raise OSError(24, "Too many open files")
        return read(path)

    return read_bytes


async def test_nobody_is_told_that_there_is_no_page_while_a_month_cannot_be_read(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = await lived(company, LONG_AFTER)
    index = ArchiveIndex.decode((company.root / "index.json").read_bytes())
    october = company.root / index.months["2026-10"]
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_bytes", refusing(october, Path.read_bytes))
        assert company.ask("/historial/2026-10").status == 503
        assert company.ask(f"/incidente/{id_}").status == 503
        assert company.ask("/historial/2026-11").status == 200
        assert company.ask("/api/v2/nothing.json").status == 404
    assert company.ask("/incidente/zzzzzz").status == 404


async def test_a_month_whose_names_are_damaged_is_named_anew_within_the_hour(
    company: Company,
) -> None:
    """The core has it in memory; a page role that starts could not read it."""
    await lived(company)
    told = body_of(company.ask("/historial/2026-10"))
    index = ArchiveIndex.decode((company.root / "index.json").read_bytes())
    month = company.root / index.months["2026-10"]
    month.write_bytes(b"x" * month.stat().st_size)
    company.live(web="+", **WELL)
    await company.publish()
    assert body_of(company.ask("/historial/2026-10")) == told


async def test_a_core_begins_with_an_index_that_names_no_month(company: Company) -> None:
    """A damaged file must not stop it: it watches services."""
    await lived(company)
    company.live(web="----", dns="++++", mail="++++")
    index = company.root / "index.json"
    index.write_bytes(index.read_bytes().replace(b'"2026-10"', b'"2026-1x"'))
    company.new_archivist()
    await company.publish()
    assert company.ask("/historial/2026-10").status == 200


async def test_a_month_that_is_over_stays_over_while_a_core_catches_up(company: Company) -> None:
    """It starts under a configuration with a check that has seen nothing yet."""
    await lived(company)
    before = company.page("/historial/2026-11").text()
    company.configure(with_another_check)
    company.new_archivist()
    await company.archivist.bring_up_to_date(company.world.core, on_thread, is_caught_up=False)
    assert company.page("/historial/2026-11").text() == before


def with_another_check(whole: Catalogue) -> Catalogue:
    another = replace(whole.checks[0], id=CheckId("web-second"))
    return replace(whole, checks=(*whole.checks, another))


async def test_a_clock_from_before_everything_forgets_nothing(company: Company) -> None:
    await lived(company)
    before = {p.name for p in company.root.rglob("*")}
    company.world.clock.step(local("2020-01-01T00:00") - company.now)
    await company.archive()
    assert {p.name for p in company.root.rglob("*")} == before
    assert company.ask("/historial/2026-10").status == 200


async def test_a_damaged_page_is_told_once_however_often_it_is_asked_for(
    company: Company,
) -> None:
    """Whoever knows its address would fill the log."""
    await lived(company)
    index = ArchiveIndex.decode((company.root / "index.json").read_bytes())
    month = MonthManifest.decode((company.root / index.months["2026-10"]).read_bytes())
    (company.root / month.pages["/historial/2026-10"].file).write_bytes(b"x")
    app = make_app(SnapshotWatcher(published_dir(company.folder), company.world.clock))
    with structlog.testing.capture_logs() as logs:
        async with TestClient(TestServer(app)) as visitor:
            answers = [await visitor.get("/historial/2026-10") for _ in range(3)]
    assert [answer.status for answer in answers] == [503] * 3
    assert [log["event"] for log in logs].count("page.file_unreadable") == 1


async def test_a_month_keeps_the_guarantee_that_its_components_had(company: Company) -> None:
    """One that is a courtesy from now on was guaranteed then, as the bill of then says."""
    id_ = await lived(company)
    before = shares_of(company, "/historial/2026-10", "Web")
    with company.world.journal.transaction() as tx:
        (incident,) = tx.incidents.some([IncidentId(id_)])
    company.configure(as_a_courtesy)
    approve(company, incident.started_at, 12)
    await company.publish()
    assert shares_of(company, "/historial/2026-10", "Web") != before, "it was rendered anew"
    assert "sin garantía" not in company.page("/historial/2026-10").text().lower()


def as_a_courtesy(whole: Catalogue) -> Catalogue:
    first = replace(whole.components[0], role=Role.COURTESY)
    return replace(whole, components=(first, *whole.components[1:]))


async def test_an_archive_that_fails_ends_no_core_and_is_told_once(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Old pages are no reason to stop watching services."""

    def broken(*_: object, **__: object) -> None:
        raise ValueError("a row that nobody expected")

    monkeypatch.setattr("monitor.roles.core.pages.archiving.plan_archive", broken)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            assert await company.archive() is False
    assert [log["event"] for log in logs] == ["core.archive_failed"]
    assert "nobody expected" in logs[0]["error"]
    monkeypatch.setattr("monitor.roles.core.pages.archiving.ArchiveFolder", broken)
    company.new_archivist()
    assert await company.archivist.show(company.world.core) is False
    monkeypatch.undo()
    await company.archive()
    assert company.root.is_dir()


async def test_a_former_figure_of_a_first_month_is_what_was_said(company: Company) -> None:
    """September was watched from the 21st on: its share is of that time."""
    company.live(web="----+", dns="+++++", mail="+++++")
    id_ = company.incidents()[-1]
    company.live(until="2026-12-02T00:00")
    await company.publish()
    (share,) = shares_of(company, "/historial/2026-09", "Web")
    with company.world.journal.transaction() as tx:
        (incident,) = tx.incidents.some([IncidentId(id_)])
    approve(company, incident.started_at, 12)
    await company.publish()
    told = company.page("/historial/2026-09").text().replace(NBSP, " ")
    assert f"decía: 1 d sin servicio, {share}." in told


def shares_of(company: Company, path: str, name: str) -> list[str]:
    """The figures of availability of a component's row."""
    found = []
    for row in company.page(path).root.iter("tr"):
        texts = ["".join(cell.itertext()).strip() for cell in row]
        if texts and texts[0].startswith(name):
            found.append(texts[2].replace(NBSP, " ").partition(" %")[0] + " %")
    return found


async def test_a_month_that_is_over_says_how_long_answers_took_in_it(company: Company) -> None:
    company.live(until="2026-10-02T00:00")
    took = Sketch.of([180_000] * 30)
    days = (local("2026-10-01T00:00"), local("2026-10-02T00:00"))
    with company.world.journal.transaction() as tx:
        keys = [LatencyKey(WEB, ServiceKind.WEB, day) for day in days]
        tx.latencies.add(dict.fromkeys(keys, took), {})
    company.world.clock.advance(33 * DAY)
    company.live(web="++", dns="++", mail="++")
    await company.publish()
    october = company.page("/historial/2026-10").text().replace(NBSP, " ")
    assert "Tiempo de respuesta" in october
    assert "180 ms" in october
