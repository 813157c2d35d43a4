"""The configurations that a core keeps: which holds when, whatever the clock does."""

from __future__ import annotations

from pathlib import Path

from monitor.catalogues.file import read_catalogues
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.roles.core.configuration import Configuration
from monitor.roles.settings import catalogue_file, pending_config
from tests.support.journals import new_journal

SHIPPED = Path(__file__).parents[2] / "config" / "services.yaml"
NOW = Second(1_790_000_040)


def test_the_newest_configuration_holds_though_the_clock_was_set_back(tmp_path: Path) -> None:
    url = new_journal(tmp_path / "journal.db")
    file = tmp_path / "services.yaml"
    text = SHIPPED.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    configuration = Configuration.read(file, tmp_path)
    with open_journal(url) as journal:
        configuration.begin(journal, NOW)
        file.write_text(f"{text}# second\n", encoding="utf-8")
        configuration.reload(journal, Second(NOW + 600))
        file.write_text(f"{text}# third\n", encoding="utf-8")
        configuration.reload(journal, Second(NOW + 60))
    assert configuration.catalogues.present(Second(NOW + 3600)).number == 3


def test_what_is_applied_while_the_core_starts_is_not_lost(tmp_path: Path) -> None:
    url = new_journal(tmp_path / "journal.db")
    configuration = Configuration.read(SHIPPED, tmp_path)
    applied = f"{configuration.text}# applied\n"
    pending_config(tmp_path).write_text(applied, encoding="utf-8")
    with open_journal(url) as journal:
        configuration.begin(journal, NOW)
        configuration.reload(journal, Second(NOW + 60))
    assert configuration.catalogues.revisions[-1].text == applied
    assert not pending_config(tmp_path).exists()


def test_other_roles_are_handed_the_seconds_of_a_clock_that_was_set_right(tmp_path: Path) -> None:
    url = new_journal(tmp_path / "journal.db")
    configuration = Configuration.read(SHIPPED, tmp_path)
    with open_journal(url) as journal:
        configuration.begin(journal, NOW)
    right = configuration.catalogues.restamped({1: Second(NOW - 3600)})
    configuration.hand_over(right)
    (read,) = read_catalogues(catalogue_file(tmp_path))
    assert read.effective_from == NOW - 3600
    assert configuration.catalogues is right


def test_what_is_applied_next_leaves_the_others_the_seconds_of_the_right_clock(
    tmp_path: Path,
) -> None:
    url = new_journal(tmp_path / "journal.db")
    file = tmp_path / "services.yaml"
    text = SHIPPED.read_text(encoding="utf-8")
    file.write_text(text, encoding="utf-8")
    configuration = Configuration.read(file, tmp_path)
    with open_journal(url) as journal:
        configuration.begin(journal, Second(NOW + 3600))
        with journal.transaction() as tx:
            tx.revisions.restamp(1, NOW)
        configuration.hand_over(configuration.catalogues.restamped({1: NOW}))
        file.write_text(f"{text}# second\n", encoding="utf-8")
        configuration.reload(journal, Second(NOW + 600))
        again = Configuration.read(file, tmp_path)
        again.begin(journal, Second(NOW + 900))
    starts = [NOW, Second((NOW + 600) // 60 * 60 + 60)]
    assert [r.effective_from for r in configuration.catalogues.revisions] == starts
    assert [r.effective_from for r in again.catalogues.revisions] == starts
