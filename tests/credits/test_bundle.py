"""A credit's bundle holds all that it rests on: years later, on an empty machine, it comes to the
same bytes, and what was changed in it is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from credits.bundle.document import bundle_text, hashes_of
from credits.bundle.reading import CreditEvidence
from credits.bundle.recompute import Differs, NoBundle, recompute
from credits.period.month import Month
from credits.report.body import report_body
from credits.report.report import monthly_report, read_month
from credits.report.rows import canonical
from monitor.api.resources.billing.evidence import BundleDocument
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import Actor
from monitor.domain.checks.observation import (
    LOCAL,
    CheckId,
    ComponentId,
    FailureId,
    Outcome,
    Result,
)
from monitor.domain.maintenance import MaintenanceId, MaintenanceWindow
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.text import plain
from monitor.domain.time.interval import Second
from monitor.results.log.bounding import BoundingResults
from monitor.results.log.result_log import open_log
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.settings import log_file
from tests.credits.desk import CONFIG
from tests.credits.test_classification import EVA, person
from tests.credits.test_contracts import OCTOBER
from tests.credits.test_credit_close import (
    TO_APPLIED,
    Office,
    draft_of,
    lived,
    office,
    on_thread,
)
from tests.support.clock import second
from tests.support.closing import closer

__all__ = ["lived", "office"]
ZONE = "America/Argentina/Buenos_Aires"
FELL, ROSE = second("2026-10-12T13:00:00Z"), second("2026-10-12T14:00:00Z")


def look_at(slot: int) -> Result:
    is_down = FELL <= slot < ROSE
    return Result(
        check=CheckId("web-1-tcp"), location=LOCAL, slot=Second(slot), revision=1,
        outcome=Outcome.DOWN if is_down else Outcome.UP,
        failure=FailureId("conn_refused") if is_down else None,
        message="connection refused" if is_down else "",
        phases_ms={"connect": 1.5},
        evidence={"address": "203.0.113.1", "errno": 111} if is_down else {},
    )  # fmt: skip


class Archive(Office):
    """The office, whose core copies what bounds outages out of a result log."""

    def keep_log(self) -> None:
        log = open_log(log_file(self.desk.folder / "var"), clock=self.clock)
        log.append([look_at(slot) for slot in range(FELL - 3_600, ROSE + 3_600, 60)], {})
        log.close()

    async def close(self, at: str) -> None:
        self.clock.advance(second(at) - self.clock.now())
        catalogues = RevisionReader(self.journal).read()
        results = BoundingResults(log_file(self.desk.folder / "var"))
        closing = closer(self.journal, self.clock, results)
        await closing.close_due(catalogues, on_thread)

    def evidence(self, actor: Actor = EVA) -> CreditEvidence:
        return CreditEvidence(journal=self.journal, zone=ZoneInfo(ZONE), actor=actor)

    def bundle(self, number: int = 0, contract: str = "C-1") -> str:
        return bundle_text(self.evidence().bundle(self.credits(contract)[number].id))


@pytest.fixture
def archive(office: Office) -> Archive:
    found = Archive(office.desk, office.journal)
    found.clock = office.clock
    found.keep_log()
    return found


async def test_it_comes_to_the_same_bytes_again(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    for contract in ("C-1", "C-4"):
        text = archive.bundle(contract=contract)
        assert recompute(text).text == text


async def test_it_holds_the_results_that_bound_each_outage_with_their_evidence(
    archive: Archive,
) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    kept = json.loads(archive.bundle())["past"]["results"]
    found = {one["slot"]: one for one in kept if one["outcome"] == "down"}
    assert set(found) == {FELL, FELL + 120, ROSE - 60}
    assert found[FELL]["evidence"] == {"address": "203.0.113.1", "errno": 111}
    assert {FELL - 60, ROSE} <= {one["slot"] for one in kept if one["outcome"] == "up"}


async def test_nothing_of_it_changes_in_a_year_without_log_store_or_configuration(
    archive: Archive,
) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    before = archive.bundle()
    log_file(archive.desk.folder / "var").unlink()
    archive.desk.publish(CONFIG.replace("web-1-tcp", "web-1-http"), archive.clock.now())
    archive.bring(OCTOBER.replace("1234.56", "9.99").replace("2026-11-01", "2026-10-20"))
    archive.desk.config.unlink()
    archive.clock.advance(365 * 86_400)
    assert archive.bundle() == before
    assert recompute(before).text == before


async def test_a_bundle_is_computed_without_anything_but_itself(
    archive: Archive, tmp_path: Path
) -> None:
    """No journal, no configuration, no network: a process that has the file alone."""
    await archive.close("2026-11-02T12:00:00Z")
    file = tmp_path / "bundle.json"
    file.write_text(archive.bundle(), "utf-8")
    done = on_an_empty_machine(file)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == file.read_bytes()


def on_an_empty_machine(file: Path) -> subprocess.CompletedProcess[bytes]:
    """Without network where the system lets a process do without."""
    code = (
        "import sys; from credits.bundle.recompute import recompute;"
        "sys.stdout.write(recompute(open(sys.argv[1], encoding='utf-8').read()).text)"
    )
    alone = ["unshare", "-rn"]
    is_able = not subprocess.run([*alone, "true"], capture_output=True, check=False).returncode
    return subprocess.run(
        [*(alone if is_able else ()), sys.executable, "-c", code, str(file)],
        cwd=Path(__file__).parents[2], env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
        capture_output=True, check=False,
    )  # fmt: skip


Tampering = Callable[[dict[str, Any]], None]


def more_money(found: dict[str, Any]) -> None:
    found["figures"]["rows"][0]["amount"] = "16.60"


def a_longer_outage(found: dict[str, Any]) -> None:
    (fold,) = found["past"]["facts"]["folds"]
    rise = fold["transitions"][-1]
    rise["effective_at"] += 600


def another_price(found: dict[str, Any]) -> None:
    found["contract"]["segments"][0]["net"] = "99999.00"


def another_result(found: dict[str, Any]) -> None:
    found["past"]["results"][0]["message"] = "all was well"


def better_terms(found: dict[str, Any]) -> None:
    (terms,) = found["terms"].values()
    terms["guarantee"] = "0.99999"


def a_larger_credit(found: dict[str, Any]) -> None:
    found["credit"]["lines"][0]["amount"]["amount"] = "16.60"


def a_step_that_never_was(found: dict[str, Any]) -> None:
    step = {**found["steps"][-1], "seq": 2, "before": "eligible", "after": "applied"}
    found["steps"].append(step)


@pytest.mark.parametrize(
    ("tamper", "path"),
    [
        (more_money, r"figures\.rows\[0\]\.amount"),
        (a_longer_outage, r"figures\.evidence\."),
        (another_price, r"figures\.rows\[0\]\.amount"),
        (another_result, r"hashes\.past"),
        (better_terms, r"figures\."),
        (a_larger_credit, r"credit\.lines\[0\]\.amount"),
        (a_step_that_never_was, "steps"),
    ],
)
async def test_what_was_changed_in_it_is_named(
    archive: Archive, tamper: Tampering, path: str
) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    found = json.loads(archive.bundle())
    tamper(found)
    with pytest.raises(Differs, match=f"^{path}"):
        recompute(bundle_text(found))


async def test_whoever_mends_every_hash_is_named_all_the_same(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    found = json.loads(archive.bundle())
    a_longer_outage(found)
    found["hashes"] = hashes_of(found)
    with pytest.raises(Differs, match=r"^figures\.evidence\."):
        recompute(bundle_text(found))


@pytest.mark.parametrize(
    ("name", "claimed"),
    [("evidence_hash", "ab" * 32), ("client_id", "88"), ("product", "VPS"), ("components", [])],
)
async def test_whose_it_is_and_what_it_rests_on_follows_from_it_too(
    archive: Archive, name: str, claimed: object
) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    found = json.loads(archive.bundle())
    found["credit"][name] = claimed
    found["hashes"] = hashes_of(found)
    with pytest.raises(Differs, match=rf"^credit\.{name}"):
        recompute(bundle_text(found))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"form": 7}', "{}", '{"form":' + "[" * 100_000]
)
def test_what_is_no_bundle_is_refused(text: str) -> None:
    with pytest.raises(NoBundle):
        recompute(text)


async def test_a_bundle_that_lacks_something_is_refused(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    whole = json.loads(archive.bundle())
    for name in sorted(whole.keys() - {"report", "earlier", "form"}):
        found = {key: value for key, value in whole.items() if key != name}
        with pytest.raises((NoBundle, Differs)):
            recompute(bundle_text(found))


async def test_an_adjustment_rests_on_what_there_had_been_before(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    archive.walk(archive.credits()[0], *TO_APPLIED)
    archive.approved(draft_of(half=True))
    await archive.close("2026-12-02T12:00:00Z")
    text = archive.bundle(1)
    assert recompute(text).text == text
    found = json.loads(text)
    assert [one["credit"]["ordinal"] for one in found["earlier"]] == [0]
    assert found["past"]["facts"]["exclusions"][0]["proposed_by"] == "ana"
    found["earlier"][0]["credit"]["lines"][0]["amount"]["amount"] = "0.10"
    with pytest.raises(Differs, match=r"^credit\.lines"):
        recompute(bundle_text(found))


async def test_what_is_found_out_later_leaves_it_as_it_was(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    before = archive.bundle()
    archive.approved(draft_of(half=True))
    archive.report("2026-10")
    assert archive.bundle() == before
    archive.clock.advance(3_600)
    archive.report("2026-10")
    assert archive.bundle() == before


async def test_what_comes_to_nothing_later_has_a_bundle_too(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    archive.walk(archive.credits()[0], *TO_APPLIED)
    archive.approved()
    await archive.close("2026-12-02T12:00:00Z")
    text = archive.bundle(1)
    assert archive.standing()[1] == ("pending_human_approval", "-1.66")
    assert recompute(text).text == text
    found = json.loads(text)
    found["past"]["facts"]["exclusions"] = []
    with pytest.raises(Differs, match=r"^figures"):
        recompute(bundle_text(found))


async def test_an_issued_report_is_what_it_was_without_evidence(archive: Archive) -> None:
    """The copies stand beside it: not a byte of it is another."""
    await archive.close("2026-11-02T12:00:00Z")
    catalogues, now = RevisionReader(archive.journal).read(), archive.clock.now()
    with archive.journal.transaction() as tx:
        (issued,) = tx.reports.of("2026-10")
        read = read_month(tx, catalogues, Month.read("2026-10"), now)
    assert canonical(report_body(monthly_report(read))) == issued.body


async def test_a_month_that_was_closed_without_evidence_says_so(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    (record, *_) = archive.credits()
    forget_evidence(archive)
    with pytest.raises(Refused, match=r"credit\.no_evidence"):
        archive.evidence().bundle(record.id)
    story = archive.evidence().story(record.id)
    assert story["past"] is None
    assert story["figures"]["rows"][0]["amount"] == "1.66"


async def test_damage_of_what_was_stored_is_noticed(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    change_evidence(archive)
    with pytest.raises(Refused, match=r"credit\.evidence_damaged"):
        archive.bundle()


async def test_a_door_has_a_form_for_it(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    found = json.loads(archive.bundle())
    assert BundleDocument(**found).model_dump() == found


async def test_only_billing_reads_one(archive: Archive) -> None:
    await archive.close("2026-11-02T12:00:00Z")
    name = archive.credits()[0].id
    for actor in (person("ana"), person("eva", AccountRole.BILLING, services=["hosting"])):
        with pytest.raises(Refused):
            archive.evidence(actor).bundle(name)
    with pytest.raises(NotFound):
        archive.evidence().bundle("BON-2026-10-nothing")


async def test_it_says_nothing_of_another_customer_or_component(archive: Archive) -> None:
    work = MaintenanceWindow(
        id=MaintenanceId("win-1"), title=plain("Red"), impact=plain("Cortes"),
        start=Second(ROSE + 3_600), end=Second(ROSE + 7_200), published_at=FELL,
        components=(ComponentId("mail-1"), ComponentId("web-1")),
    )  # fmt: skip
    with archive.journal.transaction() as tx:
        tx.maintenance.save(work)
    await archive.close("2026-11-02T12:00:00Z")
    text = archive.bundle()
    assert all(own in text for own in ("C-1", "win-1", "web-1"))
    assert recompute(text).text == text
    for other in ("C-4", "F-4", "90000", "mail-1", "203.0.113.2"):
        assert other not in text


def forget_evidence(archive: Archive) -> None:
    execute(archive, "DROP TRIGGER report_evidence_no_delete", "DELETE FROM report_evidence")


def change_evidence(archive: Archive) -> None:
    execute(
        archive,
        "DROP TRIGGER report_evidence_no_update",
        "UPDATE report_evidence SET hash = 'x' WHERE number = 1",
    )


def execute(archive: Archive, *statements: str) -> None:
    with archive.journal._engine.begin() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
