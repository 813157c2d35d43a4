"""An exclusion is proposed by one account and decided by another; what it changes is shown first,
and what was issued stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credits.assess import Status, total
from credits.classification import over_contracts
from credits.classification.commands import ExclusionCommands
from credits.classification.draft import Draft
from credits.classification.effect import MonthEffect, effect_of
from credits.classification.fields import effect_fields
from credits.money import Money
from credits.period.assessed import Assessed, assessed_parts
from credits.period.period_data import PeriodData
from monitor.domain.accounts.permissions import AccountRole, scopes_of
from monitor.domain.change import MACHINE, Actor, ActorKind, Via
from monitor.domain.checks.observation import ComponentId, Outcome, ServiceId
from monitor.domain.exclusions.classification import (
    CAUSES,
    Evidence,
    EvidenceFile,
    ExclusionStatus,
    RevisionState,
)
from monitor.domain.incidents.incident import Affected, Impact, Incident, IncidentId, Phase
from monitor.domain.refusals import NotFound, Refused, Stale
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.refusals import sentence, sentence_in
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import Journal
from monitor.roles.catalogues.revisions import RevisionReader
from tests.credits.desk import CONFIG, Desk
from tests.credits.test_contracts import HEADER, OCTOBER
from tests.support.clock import FakeClock, second

FELL, ROSE = second("2026-10-12T13:00:00Z"), second("2026-10-12T14:00:00Z")
NOW = "2026-11-05T12:00:00Z"
MAIL = OCTOBER.replace("C-1", "C-3").replace("web-1", "mail-1").replace("F-1", "F-3")
PESOS = OCTOBER.replace("C-1", "C-4").replace("F-1", "F-4").replace("1234.56,USD", "90000.00,ARS")
NIGHT = Draft(
    component="web-1", start=FELL, end=ROSE, cause="external_provider",
    evidence=Evidence(text="Corte del proveedor, aviso 4711."),
)  # fmt: skip


def person(
    name: str, *roles: AccountRole, services: Collection[str] | None = None, token: str = ""
) -> Actor:
    return Actor(
        id=name,
        kind=ActorKind.TOKEN if token else ActorKind.PERSON,
        scopes=frozenset(scopes_of(roles or (AccountRole.OPERATOR,))),
        services=None if services is None else frozenset(map(ServiceId, services)),
        via=Via.API if token else Via.CONSOLE,
        token=token,
    )


ANA = person("ana")
EVA = person("eva", AccountRole.BILLING)
LUZ = person("luz", AccountRole.APPROVER)
ROOT = Actor(id="root", kind=ActorKind.PERSON, via=Via.SHELL)
CHIEF = person("chief", AccountRole.ADMIN)


class Court:
    """The desk's journal, with somebody who acts on it."""

    def __init__(self, desk: Desk, journal: SqlJournal) -> None:
        self.desk = desk
        self.journal = journal
        self.clock = FakeClock.at(NOW)

    def of(self, actor: Actor) -> ExclusionCommands:
        journal = self.journal
        return ExclusionCommands(
            journal=journal, catalogues=RevisionReader(journal).read(), clock=self.clock,
            actor=actor,
        )  # fmt: skip

    def proposed(self, draft: Draft = NIGHT, by: Actor = ANA) -> str:
        return str(self.of(by).propose(draft).record.reference)

    def approved(self, draft: Draft = NIGHT) -> str:
        reference = self.proposed(draft)
        self.of(LUZ).approve(reference, reason="Consta el aviso")
        return reference

    def effect(self, reference: str) -> list[MonthEffect]:
        return list(self.of(CHIEF).effect(reference))


@pytest.fixture
def court(desk: Desk) -> Iterator[Court]:
    """October with an hour's outage of the web server, and a contract that it breaches."""
    desk.live(
        "web-1-tcp", "2026-09-30T00:00:00Z", "2026-11-02T00:00:00Z",
        ("2026-10-12T13:00:00Z", "2026-10-12T14:00:00Z"),
    )  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        desk.type("contracts", "import", desk.write(HEADER + OCTOBER + PESOS + MAIL))
        with open_journal(desk.url) as journal:
            yield Court(desk, journal)


def refused(code: str, kind: type[Refused] = Refused) -> Any:
    return pytest.raises(kind, match=code.replace(".", r"\."))


def audit(journal: Journal) -> list[tuple[str, str]]:
    with journal.transaction() as tx:
        return [(c.kind, c.actor) for c in tx.changes.of_kinds(KINDS, 0)]


KINDS = tuple(
    f"exclusion.{verb}"
    for verb in ("proposed", "revised", "withdrawal_proposed", "approved", "refused")
)


def test_one_proposes_and_another_approves(court: Court) -> None:
    reference = court.proposed()
    found = court.of(LUZ).show(reference).record
    assert (found.status, found.in_force) == (ExclusionStatus.PROPOSED, None)
    done = court.of(LUZ).approve(reference, reason=" Consta el aviso. ").record
    assert done.in_force == done.newest
    assert (done.newest.proposed_by, done.newest.decided_by) == ("ana", "luz")
    assert done.newest.reason == "Consta el aviso."
    assert audit(court.journal) == [
        ("exclusion.proposed", "ana"), ("exclusion.approved", "luz"),
    ]  # fmt: skip


def test_what_was_refused_excludes_nothing_and_may_be_proposed_anew(court: Court) -> None:
    reference = court.proposed()
    court.of(LUZ).refuse(reference, reason="Falta el aviso")
    with refused("exclusion.not_pending"):
        court.of(LUZ).approve(reference, reason="Sí")
    better = replace(NIGHT, evidence=Evidence(text="Aviso 4711, adjunto."))
    court.of(EVA).revise(reference, better)
    # Who read the first proposal alone must not put another one in force.
    with refused("exclusion.which_revision"):
        court.of(LUZ).approve(reference, reason="Ahora sí")
    done = court.of(LUZ).approve(reference, reason="Ahora sí", revision=3).record
    assert [r.state for r in done.revisions] == [
        RevisionState.PROPOSED, RevisionState.REFUSED, RevisionState.PROPOSED,
        RevisionState.APPROVED,
    ]  # fmt: skip
    assert done.in_force is not None
    assert done.in_force.evidence.text == "Aviso 4711, adjunto."


def test_a_withdrawal_takes_two_people_too(court: Court) -> None:
    reference = court.approved()
    asked = court.of(EVA).withdraw(reference, reason="El proveedor lo desmintió").record
    assert asked.in_force is not None
    with refused("exclusion.own"):
        court.of(person("eva", AccountRole.ADMIN)).approve(reference, reason="Sí")
    done = court.of(LUZ).approve(reference, reason="Sí", revision=3).record
    assert (done.in_force, done.status) == (None, ExclusionStatus.WITHDRAWN)
    with refused("exclusion.not_in_force"):
        court.of(EVA).withdraw(reference, reason="Otra vez")


def test_nobody_decides_alone_not_even_an_admin_or_by_two_tokens(court: Court) -> None:
    both = person("ana", AccountRole.ADMIN, token="t1")
    reference = court.proposed(by=both)
    for alone in (both, replace(both, token="t2"), person("ana", AccountRole.ADMIN)):
        with refused("exclusion.own"):
            court.of(alone).approve(reference, reason="Sí")
        with refused("exclusion.own"):
            court.of(alone).refuse(reference, reason="No")
    assert court.of(LUZ).show(reference).record.pending is not None


def test_two_who_take_turns_decide_nothing_of_each_other(court: Court) -> None:
    reference = court.proposed(by=person("ana", AccountRole.ADMIN))
    court.of(person("eva", AccountRole.ADMIN)).revise(reference, NIGHT)
    with refused("exclusion.own"):
        court.of(person("ana", AccountRole.ADMIN)).approve(reference, reason="Sí")


@pytest.mark.parametrize("actor", [ROOT, MACHINE], ids=["shell", "machine"])
def test_neither_the_shell_nor_the_machine_proposes_or_decides(court: Court, actor: Actor) -> None:
    reference = court.proposed()
    commands = court.of(actor)
    acts: list[Callable[[], object]] = [
        lambda: commands.propose(NIGHT),
        lambda: commands.revise(reference, NIGHT),
        lambda: commands.withdraw(reference, reason="r"),
        lambda: commands.approve(reference, reason="r"),
        lambda: commands.refuse(reference, reason="r"),
    ]
    for act in acts:
        with refused("account.needed") as found:
            act()
        assert "--url" in sentence(found.value)
    assert commands.show(reference).record.newest.revision == 1


def test_the_scopes_of_the_roles_say_who_may_what(court: Court) -> None:
    reference = court.proposed()
    for nobody in (person("v", AccountRole.VIEWER), LUZ):
        with refused("scope.missing"):
            court.of(nobody).propose(NIGHT)
    for nobody in (person("v", AccountRole.VIEWER), EVA, person("o")):
        with refused("scope.missing"):
            court.of(nobody).approve(reference, reason="Sí")
    for nobody in (person("v", AccountRole.VIEWER), ANA):
        with refused("scope.missing"):
            court.of(nobody).effect(reference)


def test_of_two_approvers_at_once_one_wins(court: Court) -> None:
    reference = court.proposed()
    seen = court.of(LUZ).show(reference).record.newest.revision
    court.of(LUZ).approve(reference, reason="Sí", revision=seen)
    with refused("revision.stale", Stale):
        court.of(person("sol", AccountRole.APPROVER)).refuse(reference, reason="No", revision=seen)
    assert court.of(LUZ).show(reference).record.newest.decided_by == "luz"


def test_nobody_approves_what_was_revised_since_they_saw_it(court: Court) -> None:
    reference = court.proposed()
    court.of(ANA).revise(reference, replace(NIGHT, end=Second(ROSE + 3600)))
    with refused("revision.stale", Stale):
        court.of(LUZ).approve(reference, reason="Sí", revision=1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"component": "web-9"}, "name.unknown"),
        ({"component": None}, "exclusion.no_component"),
        ({"start": None}, "exclusion.no_time"),
        ({"end": FELL}, "exclusion.ends_before_start"),
        ({"end": second("2026-11-05T12:00:01Z")}, "exclusion.not_over"),
        ({"start": Second(ROSE - 400 * 86_400 - 1)}, "exclusion.too_long"),
        ({"cause": "maintenance"}, "exclusion.cause"),
        ({"incident": "zzzzzz"}, "name.unknown"),
        ({"evidence": Evidence(text=" \n")}, "text.empty"),
        ({"evidence": Evidence(text="x" * 4001)}, "text.too_long"),
        ({"evidence": Evidence(text="x", links=("http://e.org/a",))}, "exclusion.link"),
        ({"evidence": Evidence(text="x", links=("https://a:b@e.org/",))}, "exclusion.link"),
        ({"evidence": Evidence(text="x", links=("https://e.org/",) * 21)},
         "exclusion.too_much_evidence"),
        ({"evidence": Evidence(text="x", files=(EvidenceFile(name="a", sha256="ab", bytes=1),))},
         "exclusion.file_hash"),
        ({"evidence": Evidence(text="x", files=(EvidenceFile(name="\t", sha256="ab" * 32,
                                                             bytes=1),))},
         "exclusion.file_name"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_both_languages(
    court: Court, change: dict[str, Any], code: str
) -> None:
    with refused(code) as found:
        court.of(ANA).propose(replace(NIGHT, **change))
    assert sentence(found.value) != str(found.value)
    assert sentence_in(found.value, "es")[1] == "es"
    assert court.of(ANA).listed() == ()


def test_a_component_that_left_the_configuration_is_known_for_its_time(court: Court) -> None:
    gone = CONFIG[: CONFIG.index("      - id: mail-1")]
    court.desk.publish(gone.replace("web-1", "web-2"), second("2026-11-01T03:00:00Z"))
    assert court.proposed()
    later = second("2026-11-02T00:00:00Z")
    with refused("name.unknown", NotFound):
        court.of(ANA).propose(replace(NIGHT, start=later, end=Second(later + 60)))


def incident(court: Court, *parts: Affected) -> None:
    with court.journal.transaction() as tx:
        tx.incidents.save(
            Incident(
                id=IncidentId("k3f9a2"), phase=Phase.RESOLVED, impact=Impact.MAJOR,
                started_at=FELL, created_at=FELL, resolved_at=ROSE, machine_title=plain("Web"),
                affected=parts,
            )
        )  # fmt: skip


def part(component: str) -> Affected:
    return Affected(
        component=ComponentId(component), status=Outcome.DOWN, start=FELL, end=ROSE, cause="x"
    )


def test_an_incident_says_which_component_and_when(court: Court) -> None:
    incident(court, part("web-1"))
    asked = replace(NIGHT, component=None, start=None, end=None, incident="k3f9a2")
    step = court.of(ANA).propose(asked).record.newest
    assert (step.component, step.interval.start, step.interval.end) == ("web-1", FELL, ROSE)
    assert step.incident == "k3f9a2"
    with court.journal.transaction() as tx:
        about = tx.incidents.get(IncidentId("k3f9a2"))
    assert [r.reference for r in court.of(ANA).of_incident(about)] == [step.reference]


def test_of_an_incident_with_two_components_one_is_named(court: Court) -> None:
    incident(court, part("web-1"), part("mail-1"))
    asked = replace(NIGHT, component=None, start=None, end=None, incident="k3f9a2")
    with refused("exclusion.which_component"):
        court.of(ANA).propose(asked)
    with refused("exclusion.not_of_incident"):
        court.of(ANA).propose(replace(asked, component="web-7"))
    assert court.of(ANA).propose(replace(asked, component="mail-1")).record.newest.component == (
        "mail-1"
    )


def test_of_an_incident_of_several_services_nobody_learns_what_others_have(court: Court) -> None:
    more = CONFIG + (
        "  - id: dns\n    name: {es: DNS, en: DNS}\n    components:\n      - id: ns-1\n"
        "        name: {es: Nombres, en: Names}\n"
        '        checks: [{id: ns-1-tcp, probe: tcp, target: "203.0.113.3:53", interval: 60s}]\n'
    )
    court.desk.publish(more, second("2026-09-02T03:00:00Z"))
    incident(court, part("ns-1"), part("web-1"), part("mail-1"))
    asked = replace(NIGHT, component=None, start=None, end=None, incident="k3f9a2")
    with refused("exclusion.which_component") as found:
        court.of(person("pia", services=["hosting"])).propose(asked)
    assert found.value.fields["names"] == "mail-1, web-1"
    alone = court.of(person("rex", services=["dns"])).propose(asked)
    assert alone.record.newest.component == "ns-1"


def test_an_overlap_for_the_same_cause_is_said(court: Court) -> None:
    first = court.approved()
    again = court.of(EVA).propose(replace(NIGHT, start=Second(FELL + 60)))
    other_cause = court.of(EVA).propose(replace(NIGHT, cause="customer"))
    assert again.overlaps == (first,)
    assert other_cause.overlaps == ()
    assert court.of(EVA).show(first).overlaps == (again.record.reference,)


def test_who_is_bounded_to_services_sees_and_asks_for_theirs_alone(court: Court) -> None:
    reference = court.proposed()
    theirs = court.of(person("pia", services=["hosting"]))
    others = court.of(person("rex", services=["radio"]))
    assert [r.reference for r in theirs.listed()] == [reference]
    assert others.listed() == ()
    acts: list[Callable[[], object]] = [
        lambda: others.show(reference),
        lambda: others.propose(NIGHT),
    ]
    for act in acts:
        with refused("name.unknown", NotFound):
            act()
    with refused("scope.every_service"):
        court.of(person("pia", AccountRole.ADMIN, services=["hosting"])).effect(reference)


def test_the_effect_is_shown_before_the_decision_and_comes_true(court: Court) -> None:
    reference = court.proposed()
    (month,) = court.effect(reference)
    assert (month.before.down, month.after.down) == (3600, 0)
    assert (month.after.excluded, month.is_over, month.issued_revision) == (3600, True, None)
    over = month.over
    assert (over.contracts, over.changed) == (2, 2)
    assert {c.contract.id for c in over.listed} == {"C-1", "C-4"}
    assert [c.before.status for c in over.listed] == [Status.ELIGIBLE] * 2
    assert [c.after.status for c in over.listed] == [Status.NOT_ELIGIBLE] * 2
    before = {money.currency: money for money in over.totals_before}
    assert before["USD"] == Money(Decimal("1.66"), "USD")
    assert all(not money.amount for money in over.totals_after)
    court.of(LUZ).approve(reference, reason="Sí")
    document = told(court.desk, "2026-10", "--all")
    rows = {row["contract_id"]: row for row in document["credits"]}
    for effect in over.listed:
        assert rows[effect.contract.id]["state"] == effect.after.status.value
        assert rows[effect.contract.id]["downtime_s"] == effect.after.downtime
    (web, _) = document["components"]
    assert (web["down_s"], web["excluded_s"]) == (month.after.down, month.after.excluded)


def test_the_effect_of_what_is_in_force_is_what_it_took_out(court: Court) -> None:
    reference = court.approved()
    (month,) = court.effect(reference)
    assert (month.before.down, month.after.down) == (3600, 0)
    court.of(ANA).withdraw(reference, reason="No era")
    (back,) = court.effect(reference)
    assert (back.before.down, back.after.down) == (0, 3600)
    court.of(LUZ).approve(reference, reason="Sí", revision=3)
    assert court.effect(reference) == []


def test_an_effect_is_the_sum_of_each_contract_by_itself(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        OCTOBER.replace("C-1", f"D-{n:02}").replace("F-1", f"G-{n}").replace("1234.56", net)
        for n, net in enumerate(("10.00", "10.00", "99.90", "10.00", "1000000.00"))
    ]
    late = OCTOBER.replace("C-1", "D-90").replace("F-1", "G-90")
    rows.append(late.replace("2026-01-10,,,", "2026-10-12T10:30:00,,,"))
    court.desk.type("contracts", "import", court.desk.write(HEADER + "".join(rows)))
    monkeypatch.setattr(over_contracts, "_PAGE", 2)
    reference = court.proposed()
    (month,) = court.effect(reference)
    was = assessed(court, month.window)
    court.of(LUZ).approve(reference, reason="Sí")
    found = zip(was, assessed(court, month.window), strict=True)
    both = [pair for pair in found if pair[0].contract.id != "C-3"]
    assert (month.over.contracts, month.over.changed) == (8, 8)
    for side, totals in enumerate((month.over.totals_before, month.over.totals_after)):
        assert totals == total(m for pair in both for m in pair[side].assessment.totals)
    told = [(c.contract.id, c.before.amounts, c.after.amounts) for c in month.over.listed]
    assert told == [
        (a.contract.id, a.assessment.totals, b.assessment.totals) for a, b in both
    ]  # fmt: skip


def test_an_effect_counts_what_is_imported_meanwhile_and_counts_it_once(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(over_contracts, "_PAGE", 1)
    record = court.of(CHIEF).weighed(court.proposed())
    new = OCTOBER.replace("C-1", "C-0").replace("F-1", "F-0")
    dearer = OCTOBER.replace("1234.56", "9999.00")
    behind = PESOS.replace("C-4", "C-9").replace("F-4", "F-9")
    files = [HEADER + new + dearer, HEADER + behind]

    def step() -> None:
        if files:
            court.desk.type("contracts", "import", court.desk.write(files.pop(0)))

    def effect(step: Callable[[], None]) -> list[MonthEffect]:
        catalogues = RevisionReader(court.journal).read()
        return list(effect_of(record, court.journal, catalogues, NOW_S, step))

    (month,) = effect(step)
    assert (files, month.over.contracts) == ([], 4)
    assert [month] == effect(lambda: None)


def test_an_effect_goes_over_the_months_that_it_touches(court: Court) -> None:
    over = replace(NIGHT, start=second("2026-09-30T23:00:00Z"), end=second("2026-11-01T04:00:00Z"))
    months = court.effect(court.proposed(over))
    assert [(str(m.month), m.is_over) for m in months] == [
        ("2026-09", True), ("2026-10", True), ("2026-11", False),
    ]  # fmt: skip
    document = effect_fields(months, court.of(ANA).catalogues.present(NOW_S).catalogue.zone)
    assert json.loads(json.dumps(document)) == document


NOW_S = second(NOW)


def assessed(court: Court, window: Interval) -> list[Assessed]:
    """Each contract of a month, one by one, as its report has it."""
    catalogues = RevisionReader(court.journal).read()
    with court.journal.transaction() as tx:
        read = PeriodData(tx, catalogues, window)
        return [one for c in tx.contracts.active_in(window) for one in assessed_parts(c, read)]


def told(desk: Desk, *words: str) -> dict[str, Any]:
    ran = desk.type("report", *words, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    document: dict[str, Any] = json.loads(ran.out)
    return document


def stored(court: Court) -> list[tuple[int, str, str]]:
    with court.journal.transaction() as tx:
        return [(r.revision, r.hash, r.body) for r in tx.reports.of("2026-10")]


def test_one_that_is_back_dated_over_an_issued_report_leaves_it_byte_for_byte(
    court: Court,
) -> None:
    first = told(court.desk, "2026-10")
    before = stored(court)
    reference = court.proposed()
    assert [m.issued_revision for m in court.effect(reference)] == [1]
    court.of(LUZ).approve(reference, reason="Sí")
    assert stored(court) == before
    second_time = told(court.desk, "2026-10")
    assert (first["revision"], second_time["revision"]) == (1, 2)
    assert stored(court)[:1] == before
    assert told(court.desk, "2026-10", "--revision", "1") == first


def test_a_report_names_who_excluded_what_and_on_which_evidence(court: Court) -> None:
    file = EvidenceFile(name="aviso.pdf", sha256="AB" * 32, bytes=12)
    court.approved(replace(NIGHT, start=Second(ROSE - 600), evidence=Evidence(
        text="Aviso 4711", files=(file,), links=("https://proveedor.example/4711",),
    )))  # fmt: skip
    document = told(court.desk, "2026-10")
    row = document["credits"][0]
    (named,) = row["exclusions"]
    assert (named["cause"], named["proposed_by"], named["approved_by"]) == (
        "external_provider", "ana", "luz",
    )  # fmt: skip
    (kept,) = document["evidence"][row["evidence_hash"]]["exclusions"]
    assert kept["reference"] == named["reference"]
    assert kept["evidence"] == {
        "text": "Aviso 4711", "links": ["https://proveedor.example/4711"],
        "files": [{"name": "aviso.pdf", "sha256": "ab" * 32, "bytes": 12}],
    }  # fmt: skip
    printed = court.desk.type("report", "2026-10", "--format", "csv").out
    assert f"{named['reference']}:external_provider:ana/luz" in printed


def test_a_report_without_exclusions_has_no_word_of_them(court: Court) -> None:
    assert all("exclusions" not in row for row in told(court.desk, "2026-10")["credits"])
    assert "exclusions" not in court.desk.type("report", "2026-10", "--format", "csv").out


ACTS = st.lists(
    st.tuples(st.sampled_from(["propose", "withdraw", "approve", "refuse"]),
              st.sampled_from(["ana", "eva", "luz"]), st.integers(1, 60)),
    max_size=8,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=ACTS)
def test_whatever_people_do_what_two_agreed_on_last_is_excluded(
    court: Court, acts: list[tuple[str, str, int]]
) -> None:
    """Three admins at random against a model of three variables."""
    first = replace(NIGHT, end=Second(FELL + 60))
    reference = str(court.of(person("ana", AccountRole.ADMIN)).propose(first).record.reference)
    agreed, asked, proposers = None, first.end, {"ana"}
    for act, name, minutes in acts:
        commands = court.of(person(name, AccountRole.ADMIN))
        end = Second(FELL + 60 * minutes)
        revision = commands.show(reference).record.newest.revision
        is_able = {
            "propose": True,
            "withdraw": agreed is not None,
            "approve": asked is not None and name not in proposers,
            "refuse": asked is not None and name not in proposers,
        }[act]
        try:
            match act:
                case "propose":
                    commands.revise(reference, replace(NIGHT, end=end))
                    asked = end
                case "withdraw":
                    commands.withdraw(reference, reason="r")
                    asked = FELL
                case "approve":
                    commands.approve(reference, reason="r", revision=revision)
                    agreed, asked = None if asked == FELL else asked, None
                case _:
                    commands.refuse(reference, reason="r", revision=revision)
                    asked = None
        except Refused:
            assert not is_able
        else:
            assert is_able
        if act in ("propose", "withdraw") and is_able:
            proposers.add(name)
        in_force = commands.show(reference).record.in_force
        assert (None if in_force is None else in_force.interval.end) == agreed
    for record in court.of(CHIEF).listed():
        if record.in_force is not None and record.pending is None:
            withdrawal = court.of(person("zoe", AccountRole.ADMIN)).withdraw(
                record.reference, reason="r"
            )
            court.of(person("max", AccountRole.ADMIN)).approve(
                record.reference, reason="r", revision=withdrawal.record.newest.revision
            )


def test_the_causes_are_those_of_the_contract() -> None:
    assert CAUSES == (
        "force_majeure", "external_provider", "customer", "customer_overload", "dns_foreign",
        "tls_free_cert",
    )  # fmt: skip
