"""Where `estado health` and the console look for the other roles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.catalogues.file import read_catalogues, write_catalogues
from monitor.domain.catalogue import Catalogue, CatalogueRevision, Page
from monitor.domain.text import plain
from monitor.domain.time.clock import read_clock
from monitor.domain.time.interval import Second
from monitor.roles import health
from monitor.roles.health import Addresses, faults_of
from monitor.roles.settings import catalogue_file, deliveries_file, subscribers_wanted_file
from monitor.subscribers.deliveries import Deliveries
from tests.support.clock import FakeClock

NOW = read_clock(FakeClock())


def compiled(folder: Path, page_port: int) -> None:
    page = Page(
        name=plain("Estado"), company="Empresa", url="http://localhost", bind_port=page_port
    )
    catalogue = Catalogue(zone=ZoneInfo("UTC"), page=page)
    revision = CatalogueRevision(
        number=1, hash="", text="", effective_from=Second(0), catalogue=catalogue
    )
    write_catalogues(catalogue_file(folder), [revision])


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Each time that the compiled configuration is read."""
    found: list[Path] = []

    def counted(path: Path) -> tuple[CatalogueRevision, ...]:
        found.append(path)
        return read_catalogues(path)

    monkeypatch.setattr(health, "read_catalogues", counted)
    return found


def test_who_asks_again_and_again_reads_the_configuration_once(
    tmp_path: Path, reads: list[Path]
) -> None:
    compiled(tmp_path, page_port=1)
    addresses = Addresses(tmp_path)
    for _ in range(3):
        faults_of(("core", "page", "console"), tmp_path, NOW, addresses)
    assert len(reads) == 1


def test_another_configuration_is_read_as_soon_as_it_is_in_place(
    tmp_path: Path, reads: list[Path]
) -> None:
    compiled(tmp_path, page_port=1)
    addresses = Addresses(tmp_path)
    assert addresses.of("page")[1] == 1
    compiled(tmp_path, page_port=2)
    assert addresses.of("page")[1] == 2
    assert len(reads) == 2


def test_what_was_not_compiled_yet_is_said_and_found_later(tmp_path: Path) -> None:
    addresses = Addresses(tmp_path)
    faults = faults_of(("page",), tmp_path, NOW, addresses)
    assert str(faults["page"]) == "page: no configuration has been compiled yet"
    compiled(tmp_path, page_port=1)
    assert "does not answer" in str(faults_of(("page",), tmp_path, NOW, addresses)["page"])


def test_an_unreadable_configuration_is_named_each_time(tmp_path: Path) -> None:
    catalogue_file(tmp_path).write_text("{")
    addresses = Addresses(tmp_path)
    for _ in range(2):
        fault = faults_of(("core",), tmp_path, NOW, addresses)["core"]
        assert str(catalogue_file(tmp_path)) in str(fault)


def test_each_kind_of_subscribers_has_to_give_a_sign_of_life(tmp_path: Path) -> None:
    """Mail alone gave one before, whatever became of webhooks."""
    old = replace(NOW, at=Second(NOW.at - 70), boottime=NOW.boottime - 70)
    for kind, taken in (("email", NOW), ("webhook", old), ("clients", NOW)):
        made = Deliveries(deliveries_file(tmp_path, kind))
        made.note_alive(taken)
        made.close()
    found = {}
    for kinds in ("email", "", "email clients", "email webhook clients", "email slack"):
        subscribers_wanted_file(tmp_path).write_text(kinds)
        fault = faults_of(("subscribers",), tmp_path, NOW)["subscribers"]
        found[kinds] = None if fault is None else str(fault)
    assert found == {
        "email": None,
        "": None,
        "email clients": None,
        "email webhook clients": "subscribers: it wrote its last figures 70 s ago (webhook)",
        "email slack": "subscribers: it has written no figures yet (slack)",
    }
