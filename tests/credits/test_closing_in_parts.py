"""A month is computed in parts beside everybody else, and one commit issues it; whoever is ended in
between leaves nothing behind but work that is done."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import time_machine
import typer
from structlog.testing import capture_logs
from typer.testing import CliRunner

from credits.life.states import CreditState
from credits.period.month import Month
from credits.report import chunk
from credits.report.body import report_body
from credits.report.chunk import CannotSetAside
from credits.report.close import Closed, Closing
from credits.report.draft import Drafting, Progress, draft_month
from credits.report.evidence import NoResults
from credits.report.report import monthly_report, read_month
from credits.report.rows import canonical
from monitor.billing.set_aside import SetAsideFiles
from monitor.cli.credits.command import register
from monitor.domain.closing_progress import ClosingProgress
from monitor.journal import journal as journal_module
from monitor.journal.access import SqlJournal, open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.core.money.closing import ClosingFailed
from monitor.roles.core.money.closing_beside import ClosesBeside
from monitor.roles.settings import closing_dir
from tests.credits.desk import Desk
from tests.credits.test_contracts import OCTOBER as ROW
from tests.credits.test_credit_close import Office, lived, office
from tests.support.clock import FakeClock, second
from tests.support.closing import ClosesHere, SetAsideInMemory

__all__ = ["lived", "office"]
OCTOBER, OVER = Month(2026, 10), second("2026-11-02T12:00:00Z")


class Killed(BaseException):
    """As a kill: nothing in the product catches it."""


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each contract is a part of its own."""
    monkeypatch.setattr(chunk, "CONTRACTS", 1)


@dataclass(slots=True)
class Counted:
    """What was said of progress; `then` happens after the first part."""

    then: Callable[[], object] = lambda: None
    seen: list[Progress] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        self.seen.append(progress)
        if len(self.seen) == 1:
            self.then()

    @property
    def computed(self) -> int:
        """How many contracts in all."""
        ends = [p for p in self.seen if p.contracts == p.of]
        return sum(p.contracts - p.taken for p in ends)


def close(office: Office, **how: Any) -> Closing:
    return ClosesHere(office.journal, **how).at_once(OCTOBER, OVER)


def issued(journal: SqlJournal) -> list[str]:
    with journal.transaction() as tx:
        return [stored.body for stored in tx.reports.of(str(OCTOBER))]


def ledger(office: Office) -> list[str]:
    with office.journal.transaction() as tx:
        return [posting.id for posting in tx.credits.postings()]


def test_the_parts_come_to_the_bytes_of_the_whole(office: Office) -> None:
    catalogues = RevisionReader(office.journal).read()
    with office.journal.snapshot() as tx:
        whole = monthly_report(read_month(tx, catalogues, OCTOBER, OVER))
        how = Drafting(
            catalogues=catalogues, results=NoResults(), aside=SetAsideInMemory(), program="x"
        )
        drafted = draft_month(tx, OCTOBER, OVER, how)
    assert len(whole.assessed) == 2
    assert drafted.text() == canonical(report_body(whole))


def test_what_one_that_was_killed_has_computed_is_not_computed_again(office: Office) -> None:
    aside = SetAsideInMemory()

    def kill() -> None:
        raise Killed

    with pytest.raises(Killed):
        close(office, aside=aside, say=Counted(kill))
    assert issued(office.journal) == []
    again = Counted()
    assert close(office, aside=aside, say=again).outcome is Closed.ISSUED
    assert again.computed == again.seen[-1].of - 1 > 0
    assert aside.parts == {}


def test_a_part_that_is_damaged_is_computed_again(office: Office) -> None:
    aside = SetAsideInMemory()

    def damage() -> None:
        aside.parts = {name: body[:-9] for name, body in aside.parts.items()}

    close(office, aside=aside, say=Counted(damage))
    assert len(office.credits()) == 1


@pytest.mark.parametrize("point", ["journal.commit.before", "journal.commit.after"])
@pytest.mark.parametrize("time", [1, 2])
def test_a_kill_at_any_commit_leaves_each_credit_once_and_the_same_bytes(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, time: int
) -> None:
    reached: list[str] = []

    def killing(name: str) -> None:
        reached.append(name)
        if name == point and reached.count(name) == time:
            raise Killed

    aside = SetAsideFiles(tmp_path / "aside")
    catalogues = RevisionReader(office.journal).read()
    with monkeypatch.context() as patched:
        patched.setattr(journal_module, "reached", killing)
        with pytest.raises(Killed):
            close(office, aside=aside, catalogues=catalogues)
    had_published = len(issued(office.journal))
    assert had_published == (point.endswith("after") and time == 2)
    close(office, aside=aside)
    (body,) = issued(office.journal)
    assert office.standing() == [("eligible", "1.66")]
    assert len(ledger(office)) == len(set(ledger(office)))
    whole = report_body(monthly_report(_read(office.journal)))
    assert body == canonical(whole)


def _read(journal: SqlJournal) -> Any:
    with journal.snapshot() as tx:
        return read_month(tx, RevisionReader(journal).read(), OCTOBER, OVER)


def test_whoever_decides_meanwhile_waits_for_nothing(office: Office) -> None:
    def decide() -> None:
        with open_journal(office.desk.url, epoch=0) as core, core.transaction() as tx:
            tx.cursors.set("meanwhile", 1)

    close(office, say=Counted(decide))
    with office.journal.transaction() as tx:
        assert tx.cursors.get("meanwhile") == 1


def test_what_is_approved_meanwhile_is_in_the_report_and_repeats_what_it_touches(
    office: Office,
) -> None:
    counted = Counted(office.approved)
    close(office, say=counted)
    assert office.credits() == []
    (body,) = issued(office.journal)
    assert json.loads(body)["components"][0]["excluded_s"] == 3_600
    # Both contracts need that server; nothing else of the month was computed twice.
    last = counted.seen[-1]
    assert (last.of, counted.computed) == (2, 4)


def test_another_contract_s_change_repeats_that_contract_alone(office: Office) -> None:
    def corrected() -> None:
        office.bring(ROW.replace("1234.56", "2000.00"))

    counted = Counted(corrected)
    close(office, say=counted)
    assert counted.computed == 3
    assert office.standing() == [("eligible", "2.69")]


def test_what_never_ends_to_come_is_left_to_the_next_close(office: Office) -> None:
    prices = iter(range(2_000, 3_000))

    class Restless(Counted):
        def __call__(self, progress: Progress) -> None:
            if progress.contracts == 1:
                office.bring(ROW.replace("1234.56", f"{next(prices)}.00"))

    assert close(office, say=Restless()).outcome is Closed.ISSUED
    assert len(issued(office.journal)) == 1


async def test_a_process_of_its_own_closes_it(office: Office) -> None:
    folder = office.desk.folder / "var"
    closing = ClosesBeside(office.desk.url, folder, FakeClock(OVER))
    with capture_logs() as logs:
        done = await closing.close(OCTOBER, OVER)
    assert (done.outcome, done.detail) == (Closed.ISSUED, "r1")
    assert not closing_dir(folder, "2026-10").exists()
    (said,) = [line for line in logs if line["event"] == "report.closing"]
    assert (said["contracts"], said["of"]) == (2, 2)
    assert closing.progress is None
    assert office.standing() == [("eligible", "1.66")]


async def test_a_part_that_is_not_ours_to_read_is_made_again(tmp_path: Path) -> None:
    """As one that somebody else's command left, who was killed."""
    aside = SetAsideFiles(tmp_path / "2026-10")
    (tmp_path / "2026-10" / "name").mkdir(parents=True)
    assert aside.get("name") is None
    with pytest.raises(CannotSetAside, match="name"):
        aside.put("name", b"part")
    assert [one.name for one in (tmp_path / "2026-10").iterdir()] == ["name"]


async def test_a_close_without_room_for_its_parts_says_where(office: Office) -> None:
    folder = office.desk.folder / "var"
    closing_dir(folder, "2026-10").parent.write_text("in the way")
    with pytest.raises(ClosingFailed, match=r"2026-10: .*closing.*: (File exists|Not a directory)"):
        await ClosesBeside(office.desk.url, folder, FakeClock(OVER)).close(OCTOBER, OVER)
    with time_machine.travel(OVER, tick=False):
        ran = typed(office.desk, "2026-10")
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "closing" in ran.stderr


def test_what_a_killed_close_left_is_deleted_with_the_next_month_s(tmp_path: Path) -> None:
    left, next_, other = (tmp_path / name for name in ("2026-09", "2026-11", "kept"))
    for folder in (left, next_, other):
        SetAsideFiles(folder).put("part", b"a customer's figures")
    SetAsideFiles(tmp_path / "2026-10").put("part", b"")
    SetAsideFiles(tmp_path / "2026-10").clear()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["2026-11", "kept"]


def test_a_month_that_was_closed_before_leaves_no_parts(office: Office, tmp_path: Path) -> None:
    close(office)
    aside = SetAsideFiles(tmp_path / "aside")
    aside.put("part", b"a customer's figures")
    close(office, aside=aside)
    assert not (tmp_path / "aside").exists()


async def test_a_process_that_fails_is_said_to_have_failed(office: Office) -> None:
    gone = ClosesBeside("sqlite:///nowhere.db", office.desk.folder, FakeClock(OVER))
    with pytest.raises(ClosingFailed, match=r"2026-10: .*nowhere"):
        await gone.close(OCTOBER, OVER)


SOAKED = [
    pytest.param(f"{point}:{time}", marks=pytest.mark.soak)
    for time in (1, 2, 3, 4)
    for point in ("journal.commit.before", "journal.commit.after")
]


@pytest.mark.kills
@pytest.mark.parametrize("point", ["closing.part.after", *SOAKED])
async def test_a_process_that_is_killed_at_any_point_is_followed_by_one_that_ends(
    office: Office, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    closing = ClosesBeside(office.desk.url, office.desk.folder / "var", FakeClock(OVER))
    with monkeypatch.context() as patched:
        patched.setenv("ESTADO_KILL_AT", point)
        with pytest.raises(ClosingFailed, match="status -9"):
            await closing.close(OCTOBER, OVER)
    await closing.close(OCTOBER, OVER)
    (body,) = issued(office.journal)
    assert body == canonical(report_body(monthly_report(_read(office.journal))))
    assert office.standing() == [("eligible", "1.66")]


def typed(desk: Desk, *words: str) -> Any:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    where = ["--config", str(desk.config), "--data-dir", str(desk.folder / "var")]
    return CliRunner().invoke(app, ["credits", "close", *words, *where])


def test_a_person_closes_a_month_and_sees_how_far_it_is(office: Office) -> None:
    with time_machine.travel(OVER, tick=False):
        ran, again = typed(office.desk, "2026-10"), typed(office.desk, "2026-10")
    assert (ran.exit_code, again.exit_code) == (0, 0)
    assert ran.stdout == (
        "2026-10 is closed: report r1, 2 credits, 0 adjustments of earlier months\n"
        "See them: estado credits list --month 2026-10\n"
    )
    assert ran.stderr == "2026-10: 2 of 2 contracts\n"
    assert again.stdout == "2026-10 was closed before: estado report 2026-10\n"
    assert office.credits()[0].state is CreditState.ELIGIBLE


def test_a_program_gets_progress_and_outcome_as_json(office: Office) -> None:
    with time_machine.travel(OVER, tick=False):
        ran = typed(office.desk, "2026-10", "--json")
    done = json.loads(ran.stdout)
    assert (done["outcome"], done["credits"], done["adjustments"]) == ("issued", 2, 0)
    assert [json.loads(line) for line in ran.stderr.splitlines()] == [
        {"month": "2026-10", "contracts": 2, "of": 2, "taken": 0}
    ]


@pytest.mark.parametrize(
    ("month", "said"),
    [("2026-11", "2026-11 is not over: it ends at 2026-12-01"), ("october", "MONTH: wanted")],
)
def test_a_month_that_is_not_over_is_not_closed(office: Office, month: str, said: str) -> None:
    with time_machine.travel(OVER, tick=False):
        ran = typed(office.desk, month)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith(said)


SAYS = """import json, sys
sys.stdin.read()
print(json.dumps({"month": "2026-10", "contracts": 500, "of": 900, "taken": 0}))"""


class Noting(FakeClock):
    """Notes something each time that it is read."""

    note: Callable[[], object] | None = None

    def monotonic(self) -> float:
        if self.note is not None:
            self.note()
        return super().monotonic()


async def test_how_far_it_is_is_known_while_it_is_computed_and_no_longer(office: Office) -> None:
    clock, seen = Noting(OVER), list[ClosingProgress | None]()
    argv = (sys.executable, "-c", SAYS)
    closing = ClosesBeside(office.desk.url, office.desk.folder / "var", clock, argv)
    clock.note = lambda: seen.append(closing.progress)
    with pytest.raises(ClosingFailed):
        await closing.close(OCTOBER, OVER)
    assert seen == [ClosingProgress(month="2026-10", contracts=500, of=900)]
    assert closing.progress is None
