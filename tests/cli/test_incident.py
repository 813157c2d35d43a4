"""`estado incident` and `estado maintenance` as somebody types them, without a core beside them."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from monitor.cli import maintenance as maintenance_command
from monitor.cli.incident import command as incident_command
from monitor.domain.incidents.incident import Incident
from monitor.domain.time.calendar import at_zone
from monitor.domain.time.interval import Second
from monitor.journal.access import open_journal
from monitor.runtime.system_clock import SystemClock
from tests.domain.incidents import ZONE, incident, part
from tests.support.journals import new_journal

CONFIG = """
page: {name: Estado, company: Altomarketing, url: "https://estado.example"}
timezone: America/Argentina/Buenos_Aires
maintenance: {min_notice: 1h}
services:
  - id: radio
    name: Radio
    components:
      - id: radio2
        name: {es: Streaming de radio 2, en: Radio streaming 2}
        checks: [{id: radio2-tcp, probe: tcp, target: "127.0.0.1:9"}]
"""


@dataclass(frozen=True)
class Typist:
    """Types commands at one data folder."""

    folder: Path

    def types(self, *words: str, data_dir: Path | None = None) -> Result:
        app = typer.Typer()
        incident_command.register(app)
        maintenance_command.register(app)
        folder = str(data_dir or self.folder)
        places = ["--config", str(self.folder / "services.yaml"), "--data-dir", folder]
        return CliRunner().invoke(app, [*words, *places])

    def reads(self, *words: str) -> str:
        done = self.types(*words)
        assert done.exit_code == 0, done.output
        return done.stdout


@pytest.fixture
def typist(tmp_path: Path) -> Typist:
    (tmp_path / "services.yaml").write_text(CONFIG, "utf-8")
    return Typist(tmp_path)


@pytest.fixture
def ran(typist: Typist) -> Typist:
    """Something has run there, and nothing has happened."""
    new_journal(typist.folder / "journal.db")
    return typist


@pytest.fixture
def fell(typist: Typist) -> Incident:
    url = new_journal(typist.folder / "journal.db")
    with open_journal(url) as journal, journal.transaction() as tx:
        return tx.incidents.save(incident(part()))


@pytest.mark.parametrize(
    "words",
    [
        ("incident", "list"),
        ("incident", "list", "--all", "--json"),
        ("incident", "show", "k3f9a2"),
        ("incident", "resolve", "k3f9a2", "--es", "Ya está."),
        ("maintenance", "list"),
        ("maintenance", "cancel", "m4x8"),
    ],
    ids=" ".join,
)
def test_it_says_where_no_journal_is_and_makes_none(typist: Typist, words: tuple[str, ...]) -> None:
    done = typist.types(*words, data_dir=typist.folder / "elsewhere")
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"There is no journal at {typist.folder}/elsewhere/journal.db" in done.stderr
    assert "-d" in done.stderr
    assert "estado run" in done.stderr
    assert not (typist.folder / "elsewhere").exists()


def test_a_database_of_another_is_no_journal_and_becomes_none(typist: Typist) -> None:
    with closing(sqlite3.connect(typist.folder / "journal.db")) as theirs:
        theirs.execute("CREATE TABLE theirs (a)")
        assert typist.types("incident", "list").exit_code == 2
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]


def test_a_journal_in_which_nothing_happened_has_no_incident(typist: Typist) -> None:
    new_journal(typist.folder / "journal.db")
    assert typist.reads("incident", "list").startswith("No open incident.")


def test_it_lists_what_is_open_on_lines_that_a_pipe_can_cut(typist: Typist, fell: Incident) -> None:
    head, row = typist.reads("incident", "list").splitlines()
    assert head.split() == ["id", "phase", "impact", "since", "components", "title"]
    assert row.split()[:3] == [fell.id, "investigating", "major"]
    assert "\x1b" not in row
    assert row.rstrip().endswith("Streaming de radio 2: sin sonido")


def test_an_update_is_published_and_shown(typist: Typist, fell: Incident) -> None:
    said = typist.reads(
        "incident", "update", fell.id, "--phase", "identified", "--es", "Falló un disco."
    )
    assert said == f"{fell.id}: published; identified, revision 2\n"
    shown = typist.reads("incident", "show", fell.id)
    assert "es: Falló un disco." in shown
    assert "stalled" in shown


def test_it_speaks_json_to_programs(typist: Typist, fell: Incident) -> None:
    typist.reads("incident", "update", fell.id, "--es", "Uno.", "--en", "One.")
    found = json.loads(typist.reads("incident", "show", fell.id, "--json"))
    assert (found["id"], found["phase"], found["revision"]) == (fell.id, "investigating", 2)
    assert found["started_at"] == "2026-04-16T14:08:30-03:00"
    assert found["updates"][0]["person"] == {"es": "Uno.", "en": "One."}
    (listed,) = json.loads(typist.reads("incident", "list", "--json"))
    assert listed["id"] == fell.id


def test_a_correction_shows_what_stood_there(typist: Typist, fell: Incident) -> None:
    typist.reads("incident", "update", fell.id, "--es", "Fue el disco.")
    typist.reads("incident", "edit", fell.id, "1", "--es", "Fue la fuente.")
    shown = typist.reads("incident", "show", fell.id)
    assert "es: Fue la fuente." in shown
    assert "before: Fue el disco." in shown


@pytest.mark.parametrize(
    ("corrected", "becomes"),
    [
        (("--es", "Fue la fuente."), {"es": "Fue la fuente.", "en": "It was the disk."}),
        (("--en", "It was the supply."), {"es": "Fue el disco.", "en": "It was the supply."}),
    ],
)
def test_a_correction_of_one_language_keeps_the_other(
    typist: Typist, fell: Incident, corrected: tuple[str, ...], becomes: dict[str, str]
) -> None:
    typist.reads("incident", "update", fell.id, "--es", "Fue el disco.", "--en", "It was the disk.")
    typist.reads("incident", "edit", fell.id, "1", *corrected)
    (told,) = json.loads(typist.reads("incident", "show", fell.id, "--json"))["updates"]
    assert told["person"] == becomes
    assert told["former"] == [{"es": "Fue el disco.", "en": "It was the disk."}]


def test_a_correction_in_english_adds_to_what_was_told_in_spanish_alone(
    typist: Typist, fell: Incident
) -> None:
    typist.reads("incident", "update", fell.id, "--es", "Fue el disco.")
    typist.reads("incident", "edit", fell.id, "1", "--en", "It was the disk.")
    (told,) = json.loads(typist.reads("incident", "show", fell.id, "--json"))["updates"]
    assert told["person"] == {"es": "Fue el disco.", "en": "It was the disk."}


def test_a_correction_of_one_language_replaced_nothing_in_the_other(
    typist: Typist, fell: Incident
) -> None:
    typist.reads("incident", "update", fell.id, "--es", "Fue el disco.", "--en", "It was the disk.")
    typist.reads("incident", "edit", fell.id, "1", "--en", "It was the supply.")
    shown = typist.reads("incident", "show", fell.id)
    assert "before: It was the disk." in shown
    assert "before: Fue el disco." not in shown


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("edit", "k3f9a2", "1"), 2, "say what is right: --es, --en or both"),
        (("show", "k3f9b2"), 2, "no incident k3f9b2; did you mean k3f9a2?"),
        (("resolve", "k3f9a2", "--es", "Listo."), 1, "still down or slow: radio2"),
        (("edit", "k3f9a2", "9", "--es", "x"), 2, "no update 9"),
        (("update", "k3f9a2", "--es", "x", "--revision", "7"), 1, "you saw revision 7"),
        (("update", "k3f9a2", "--es", "x", "--title-en", "y"), 2, "give the Spanish one too"),
    ],
)
def test_a_refusal_is_one_line_on_stderr_and_a_code(
    typist: Typist, fell: Incident, words: tuple[str, ...], code: int, reason: str
) -> None:
    done = typist.types("incident", *words)
    assert done.exit_code == code
    assert reason in done.stderr
    assert done.stdout == ""


def test_resolving_by_force_closes_it(typist: Typist, fell: Incident) -> None:
    assert "resolved" in typist.reads("incident", "resolve", fell.id, "--es", "Listo.", "--force")
    assert typist.reads("incident", "list").startswith("No open incident.")
    assert fell.id in typist.reads("incident", "list", "--all")


def test_what_a_name_says_is_no_markup_on_the_terminal(typist: Typist, fell: Incident) -> None:
    typist.reads("incident", "update", fell.id, "--es", "[bold red]x[/] [/nope]")
    assert "[bold red]x[/] [/nope]" in typist.reads("incident", "show", fell.id)


def in_hours(hours: float) -> str:
    return at_zone(Second(SystemClock().now() + int(hours * 3_600)), ZONE).isoformat()


def test_maintenance_may_be_announced_before_anything_has_run(typist: Typist) -> None:
    assert "public with the page's next publication" in add(typist, in_hours(2), in_hours(3)).stdout
    assert "Streaming de radio 2" in typist.reads("maintenance", "list")


def add(typist: Typist, start: str, end: str, *more: str, component: str = "radio2") -> Result:
    return typist.types(
        "maintenance", "add", "--component", component, "--start", start, "--end", end,
        "--title", "Actualización", "--impact", "Cortes breves.", *more,
    )  # fmt: skip


def test_maintenance_is_announced_listed_and_taken_back(typist: Typist) -> None:
    done = add(typist, in_hours(2), in_hours(3), "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert (made["phase"], made["is_excluded"]) == ("scheduled", True)
    row = typist.reads("maintenance", "list").splitlines()[1]
    assert row.split()[:2] == [made["id"], "scheduled"]
    assert "Streaming de radio 2" in row
    assert typist.reads("maintenance", "cancel", made["id"]) == f"{made['id']}: cancelled\n"
    assert typist.reads("maintenance", "list").startswith("No maintenance is planned.")
    assert made["id"] in typist.reads("maintenance", "list", "--all")


def test_an_announcement_without_notice_needs_a_reason_and_says_that_it_counts(
    typist: Typist,
) -> None:
    refused = add(typist, "now", in_hours(1))
    assert refused.exit_code == 1
    assert "--reason" in refused.stderr
    done = add(typist, "now", in_hours(1), "--reason", "Falla inminente.")
    assert done.exit_code == 0
    assert "its downtime counts" in done.stderr
    assert "Falla inminente." in typist.reads("maintenance", "list")


@pytest.mark.parametrize(
    ("start", "end", "component", "code", "reason"),
    [
        ("mañana", "now", "radio2", 2, "want 2026-04-19T02:00 or now"),
        ("now", "2001-01-01", "radio2", 1, "after the start"),
        ("now", "2099-01-01", "radio2", 1, "at most 14 days"),
        ("now", "2099-01-01", "radio9", 2, "did you mean radio2?"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    typist: Typist, start: str, end: str, component: str, code: int, reason: str
) -> None:
    done = add(typist, start, end, component=component)
    assert done.exit_code == code
    assert reason in done.output


def test_it_opens_one_by_hand_that_the_past_may_have(ran: Typist) -> None:
    told = ran.reads(
        "incident", "open", "--title", "Radio: cortes", "--es", "Hay cortes.", "--component",
        "radio2=degraded", "--phase", "identified", "--json",
    )  # fmt: skip
    found = json.loads(told)
    assert (found["origin"], found["phase"], found["components"]) == ("person", "identified", [])
    assert [(s["id"], s["status"]) for s in found["statements"]] == [("radio2", "degraded")]
    shown = ran.reads("incident", "show", found["id"])
    assert "told by a person: no figure reads it" in shown
    assert "a person says" in shown
    assert found["id"] in ran.reads("incident", "list")


def test_it_resolves_and_reopens_what_is_by_hand(ran: Typist) -> None:
    words = ("--title", "Aviso", "--es", "Hay cortes.")
    told = json.loads(ran.reads("incident", "open", *words, "--json"))["id"]
    ran.reads("incident", "resolve", told, "--es", "Ya está.")
    assert "reopened; investigating" in ran.reads("incident", "reopen", told, "--es", "Volvió.")


def test_it_merges_splits_and_links(ran: Typist) -> None:
    words = ("--title", "Aviso", "--es", "Hay cortes.", "--json")
    first, second = (
        json.loads(ran.reads("incident", "open", *words, *more))["id"]
        for more in (("--component", "radio2=down"), ())
    )
    assert f"linked with {second}" in ran.reads("incident", "link", first, second)
    assert "not linked" in ran.reads("incident", "unlink", first, second)
    assert f"{second}: has {first}" in ran.reads(
        "incident", "merge", first, "--into", second, "--es", "Es lo mismo."
    )
    assert f"merged into {second}" in ran.reads("incident", "show", first)
    whole = ran.types(
        "incident", "split", second, "--component", "radio2", "--title", "x", "--es", "x"
    )
    assert (whole.exit_code, "one component at least has to stay" in whole.output) == (1, True)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--component", "radio2"), "want radio2=down"),
        (("--component", "radio2=broken"), "got 'radio2=broken'"),
        (("--component", "radio2=down", "--component", "radio2=up"), "radio2 is named twice"),
        (("--start", "gestern"), "got 'gestern'"),
        (("--end", "now"), "an end is for what is resolved (--phase resolved)"),
        (("--component", "radio=down"), "did you mean radio2?"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(
    ran: Typist, more: tuple[str, ...], said: str
) -> None:
    done = ran.types("incident", "open", "--title", "x", "--es", "x", *more)
    assert done.exit_code in (1, 2)
    assert said in " ".join(re.sub(r"[│╭╰─╮╯]", " ", done.output).split())
    assert "No open incident" in ran.reads("incident", "list")
