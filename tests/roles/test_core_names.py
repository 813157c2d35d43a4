"""The table of domains that the core keeps for the page: beside what is served, and only shown."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.customers.names import replace_names
from monitor.domain.catalogue import Catalogue
from monitor.domain.change import Actor, ActorKind
from monitor.domain.checks.observation import ComponentId
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.core.visitors.names import FOLLOW_EVERY_S, CoreNames
from monitor.roles.page_parts.names import PageNames
from monitor.roles.settings import names_key_file, names_table_file
from tests.support.clock import FakeClock
from tests.support.journals import new_journal
from tests.support.worlds import catalogue, with_brand_page

ANA = Actor(id="ana", kind=ActorKind.PERSON)


class World:
    def __init__(self, journal: SqlJournal, folder: Path) -> None:
        self.journal, self.folder, self.clock = journal, folder, FakeClock()
        self.core = CoreNames(journal, folder, self.clock)
        self.page = PageNames(folder)
        self.catalogue: Catalogue = catalogue()
        self.web = self.catalogue.components[0].id

    def import_(self, *names: str) -> None:
        with self.journal.transaction() as tx:
            replace_names(tx, {n: {self.web} for n in names}, ANA, self.clock.now())

    def follow(self) -> bool:
        self.clock.advance(FOLLOW_EVERY_S)
        return self.core.follow(self.catalogue)

    def found(self, name: str) -> tuple[ComponentId, ...] | None:
        table = self.page.table()
        return None if table is None else table.find([name])


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        yield World(journal, tmp_path)


def test_without_names_there_is_neither_table_nor_key(world: World) -> None:
    assert world.follow() is False
    assert world.core.has_names is False
    assert world.found("a.example") is None
    assert not names_key_file(world.folder).exists()


def test_the_page_finds_what_was_imported(world: World) -> None:
    world.import_("a.example")
    assert world.follow() is True
    assert world.core.has_names is True
    assert world.found("a.example") == (world.web,)
    assert world.found("b.example") == ()
    assert stat.S_IMODE(names_key_file(world.folder).stat().st_mode) == 0o600
    assert b"a.example" not in names_table_file(world.folder).read_bytes()


def test_another_list_is_followed_without_a_restart(world: World) -> None:
    world.import_("a.example")
    world.follow()
    world.import_("b.example")
    assert world.follow() is False
    assert (world.found("a.example"), world.found("b.example")) == ((), (world.web,))
    world.import_()
    assert world.follow() is True
    assert world.found("b.example") is None


def test_a_component_that_becomes_private_is_no_answer_any_more(world: World) -> None:
    world.import_("a.example")
    world.follow()
    hidden = tuple(replace(c, is_public=False) for c in world.catalogue.components)
    world.catalogue = replace(world.catalogue, components=hidden)
    world.follow()
    assert world.found("a.example") is None


def test_what_a_brands_page_alone_shows_is_an_answer_there(world: World) -> None:
    """The page itself leaves out what it does not show."""
    hidden = tuple(replace(c, is_public=False) for c in world.catalogue.components)
    world.catalogue = replace(world.catalogue, components=hidden)
    world.catalogue = with_brand_page(world.catalogue, world.web)
    world.import_("a.example")
    world.follow()
    assert world.found("a.example") == (world.web,)


def test_a_key_that_others_may_read_is_not_used(world: World) -> None:
    world.import_("a.example")
    world.follow()
    names_key_file(world.folder).chmod(0o644)
    assert world.found("a.example") is None


def test_the_table_outlives_the_core_that_wrote_it(world: World) -> None:
    world.import_("a.example")
    world.follow()
    again = CoreNames(world.journal, world.folder, world.clock)
    world.clock.advance(FOLLOW_EVERY_S)
    assert again.follow(world.catalogue) is True
    assert world.found("a.example") == (world.web,)
