"""Configurations that the journal keeps: read by what each changed, compiled by nobody, and taken
for what they were when they ran though a later version reads them otherwise."""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

import monitor.roles.catalogues.revisions as revisions_module
from monitor.catalogues.form import form_of
from monitor.catalogues.in_force import Catalogues
from monitor.catalogues.steps import apply_delta, delta_between
from monitor.config import ConfigErrors, compile_catalogue
from monitor.domain.catalogue import Catalogue
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import Journal, RevisionDelta, RevisionHeader, StoredRevision
from monitor.roles.catalogues.revisions import Compiled, RevisionReader, known_specs, text_hash
from monitor.roles.core.configuration import Configuration, store_revision
from monitor.roles.registries import registries
from tests.support.journals import new_journal

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config" / "services.yaml").read_text("utf-8")
FULL = """
page: {name: {es: Estado, en: Status}, company: Example, url: "https://status.example/"}
timezone: America/Argentina/Buenos_Aires
support:
  - id: sla-1
    name: Asesoramiento
    hours: {days: [mon-fri], opens: "10:00", closes: "17:00"}
    channels: Chat
    purpose: Preguntas
terms:
  - id: default
    guarantee: 99.89 %
    policy: tiers
    tiers: [{below: 99.89 %, credit: 10 %}]
    maintenance: {excluded: true, min_notice: 1d}
    exclusions: [force_majeure]
    required: [web]
connectivity:
  targets: ["1.1.1.1:443"]
  gates: [{id: vpn, targets: ["10.8.0.1:22"], timeout: 500ms}]
alerts:
  remind_every: 1h
  routes:
    - id: guardia
      components: [web]
      via:
        - id: correo
          kind: email
          settings:
            {host: smtp.example, sender: a@b.example, recipients: [a@b.example],
             username: a, password: "${SMTP_PASSWORD}"}
        - id: sala
          kind: webhook
          settings: {url: "https://chat.example/", secret: {file: /etc/hook}}
maintenance: {hours: always, min_notice: 1h}
operations: {allow_private: [10.0.0.0/8], keep_results: 7d}
services:
  - id: hosting
    name: {es: Hosting, en: Hosting}
    components:
      - id: web
        name: Web
        quorum: 1
        group: pair
        depends_on: [dns]
        checks:
          - id: web-https
            probe: http
            target: https://web.example/
            settings: {family: 4, expect_status: [200, 300-399]}
            usual: 300ms
            slow: 2s
            gate: vpn
          - {id: web-tcp, probe: tcp, target: "web.example:443", affects: degraded}
          - {id: web-tls, probe: tls, target: "tls://web.example:443"}
          - {id: web-smtp, probe: smtp, target: "smtp://web.example"}
          - {id: web-hls, probe: hls, target: "https://web.example/live.m3u8"}
      - id: dns
        name: DNS
        role: courtesy
        public: false
        checks: [{id: dns-1, probe: dns, target: "dns://192.0.2.1/web.example?type=A"}]
"""
REFUSED = "no_longer_known: 1\n"
NOW = Second(1_790_000_040)


@dataclass(slots=True)
class Shelf:
    """A journal that keeps configurations and nothing else; `asked` are the numbers of those whose
    text and form were read."""

    kept: list[StoredRevision]
    known_steps: dict[int, RevisionDelta] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)

    @property
    def revisions(self) -> Shelf:
        return self

    @contextmanager
    def transaction(self) -> Iterator[Shelf]:
        yield self

    def headers(self) -> Sequence[RevisionHeader]:
        return [
            RevisionHeader(number=k.number, hash=k.hash, effective_from=k.effective_from)
            for k in self.kept
        ]

    def get(self, number: int) -> StoredRevision:
        self.asked.append(number)
        return next(k for k in self.kept if k.number == number)

    def steps(self, after: int = 0) -> Sequence[RevisionDelta]:
        return [step for number, step in sorted(self.known_steps.items()) if number > after]

    def store_form(self, number: int, form: str) -> None:
        self.kept = [replace(k, form=form) if k.number == number else k for k in self.kept]

    def store_delta(self, step: RevisionDelta) -> None:
        self.known_steps[step.number] = step

    def reader(self) -> RevisionReader:
        return RevisionReader(cast("Journal", self))

    def keep_all(self) -> None:
        """As a core leaves it: with what each revision compiled to, and what it changed."""
        reader = self.reader()
        reader.read()
        reader.keep()
        self.asked.clear()


def compiled(text: str) -> Catalogue:
    return compile_catalogue(text, filename="a.yaml", registries=registries())


def stored(number: int, text: str, form: str | None = None) -> StoredRevision:
    start = Second(NOW + number * 3_600)
    return StoredRevision(
        number=number, hash=text_hash(text), text=text, effective_from=start, form=form
    )


def read_all(texts: Sequence[StoredRevision]) -> Catalogues:
    return Shelf(list(texts)).reader().read()


def kept_in(journal: SqlJournal) -> list[StoredRevision]:
    with journal.transaction() as tx:
        return [tx.revisions.get(header.number) for header in tx.revisions.headers()]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlJournal]:
    url = new_journal(tmp_path / "journal.db")
    with open_journal(url) as opened:
        yield opened


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of old revisions that were compiled."""
    seen: list[str] = []

    def counted(text: str, **options: Any) -> Catalogue:
        seen.append(text)
        return compile_catalogue(text, **options)

    monkeypatch.setattr(revisions_module, "compile_catalogue", counted)
    return seen


@pytest.mark.parametrize("text", [SHIPPED, FULL], ids=["shipped", "full"])
def test_a_catalogue_comes_back_from_its_form_as_it_was(text: str) -> None:
    made = compiled(text)
    whole = delta_between({}, json.loads(form_of(made)))
    assert apply_delta(whole, None, known_specs()) == made


def test_no_secret_stands_in_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    shelf = Shelf([stored(1, SHIPPED), stored(2, FULL)])
    shelf.keep_all()
    assert "hunter2" not in form_of(compiled(FULL)) + shelf.known_steps[2].step


def test_a_text_that_is_refused_now_is_what_it_was_when_it_ran() -> None:
    was = compiled(FULL)
    told = read_all([stored(1, FULL + REFUSED, form_of(was)), stored(2, SHIPPED)])
    assert [(r.catalogue, r.refused, r.is_stand_in) for r in told.revisions] == [
        (was, "", False),
        (compiled(SHIPPED), "", False),
    ]
    assert told.stand_ins(Interval(NOW, Second(NOW + 86_400))) == ()


def test_a_text_that_would_be_compiled_otherwise_now_is_what_it_was_when_it_ran() -> None:
    """Whoever fixes a default in the compiler changes no bill of last month."""
    was = replace(compiled(FULL), checks=compiled(FULL).checks[:2])
    first, second = read_all([stored(1, FULL, form_of(was)), stored(2, SHIPPED)]).revisions
    assert first.catalogue == was
    assert second.catalogue == compiled(SHIPPED)


@pytest.mark.parametrize("form", [None, "{}", '{"zone": "UTC", "gone": 1}', "no JSON", "[" * 9_999])
def test_its_neighbour_stands_in_where_no_form_can_be_read(form: str | None) -> None:
    texts = [stored(1, SHIPPED), stored(2, FULL + REFUSED, form), stored(3, FULL)]
    told = read_all(texts)
    _, second, third = told.revisions
    assert (second.catalogue, second.is_stand_in) == (compiled(SHIPPED), True)
    assert third.catalogue == compiled(FULL)
    assert "revision 2" in second.refused
    check = compiled(SHIPPED).checks[0].id
    assert told.check(CheckId(check), 2) is not None
    hours = [Interval(Second(NOW + n * 3_600), Second(NOW + (n + 1) * 3_600)) for n in (1, 2, 3)]
    assert [told.stand_ins(hour) for hour in hours] == [(), (2,), ()]


@pytest.mark.parametrize("form", ["{}", "no JSON", "[]", '{"checks": [1]}', "[" * 9_999])
def test_its_text_counts_where_no_form_can_be_read(form: str) -> None:
    told = read_all([stored(1, SHIPPED), stored(2, FULL, form), stored(3, SHIPPED)])
    assert [r.catalogue for r in told.revisions] == [compiled(t) for t in (SHIPPED, FULL, SHIPPED)]
    assert not any(r.refused or r.is_stand_in for r in told.revisions)


def test_what_comes_after_stands_in_for_the_first() -> None:
    first, _ = read_all([stored(1, REFUSED), stored(2, SHIPPED)]).revisions
    assert (first.catalogue, first.is_stand_in) == (compiled(SHIPPED), True)


def test_where_none_can_be_read_every_error_is_told() -> None:
    with pytest.raises(ConfigErrors, match=r"revision 2.*no_longer_known"):
        read_all([stored(1, SHIPPED + REFUSED), stored(2, SHIPPED + REFUSED)])


def test_a_core_keeps_the_form_of_each_revision_once(journal: SqlJournal, tmp_path: Path) -> None:
    with journal.transaction() as tx:
        store_revision(tx, FULL, NOW, NOW)  # as an older version left it: text alone
    for start in (NOW, Second(NOW + 600)):
        configuration = Configuration.read(ROOT / "config" / "services.yaml", tmp_path)
        configuration.begin(journal, start)
    forms = [one.form for one in kept_in(journal)]
    assert forms == [form_of(compiled(FULL)), form_of(compiled(SHIPPED))]


def test_a_core_begins_though_an_old_revision_cannot_be_read_and_names_it(
    journal: SqlJournal, tmp_path: Path
) -> None:
    with journal.transaction() as tx:
        store_revision(tx, FULL + REFUSED, NOW, NOW)
        tx.revisions.store_form(1, "{}")
    configuration = Configuration.read(ROOT / "config" / "services.yaml", tmp_path)
    with capture_logs() as logs:
        configuration.begin(journal, Second(NOW + 600))
    assert configuration.catalogues.at(NOW) == compiled(SHIPPED)
    (said,) = [line for line in logs if line["event"] == "config.revision_refused"]
    assert (said["revision"], said["instead"]) == (1, "a neighbour's")
    assert "no_longer_known" in said["errors"]
    assert kept_in(journal)[0].text == FULL + REFUSED


def test_a_core_says_nothing_of_a_text_whose_form_it_has(
    journal: SqlJournal, tmp_path: Path
) -> None:
    with journal.transaction() as tx:
        store_revision(tx, FULL + REFUSED, NOW, NOW)
        tx.revisions.store_form(1, form_of(compiled(FULL)))
    configuration = Configuration.read(ROOT / "config" / "services.yaml", tmp_path)
    with capture_logs() as logs:
        configuration.begin(journal, Second(NOW + 600))
    assert configuration.catalogues.at(NOW) == compiled(FULL)
    assert [line for line in logs if line["event"] == "config.revision_refused"] == []


def test_the_text_is_what_the_hash_is_of(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        kept = store_revision(tx, FULL, NOW, NOW)
        tx.revisions.store_form(kept.number, "{}")
    assert kept_in(journal) == [replace(kept, form="{}")]


def company(checks: int, changed: int) -> str:
    """A configuration of so many checks, one of which is this revision's own."""
    components = "".join(
        f"      - {{id: c{n}, name: C{n}, checks: [{{id: k{n}, probe: tcp, interval: "
        f'{90 if n == changed else 60}s, target: "192.0.2.1:{n + 1}"}}]}}\n'
        for n in range(checks)
    )
    head = 'page: {name: Estado, company: Acme, url: "https://estado.example/"}\n'
    zone = "timezone: America/Argentina/Buenos_Aires\n"
    return f"{head}{zone}services:\n  - id: s\n    name: S\n    components:\n{components}"


def test_revisions_are_made_of_each_others_parts() -> None:
    checks, revisions = 60, 12
    texts = [stored(n + 1, company(checks, n)) for n in range(revisions)]
    told = read_all(texts)
    made = [revision.catalogue for revision in told.revisions]
    assert made == [compiled(kept.text) for kept in texts]
    kinds = {id(check) for catalogue in made for check in catalogue.checks}
    # Each revision after the first has its own check, and the one before it as it was.
    assert len(kinds) <= checks + 2 * (revisions - 1)
    assert len({id(part) for one in made for part in one.components}) == checks


def test_what_a_journal_knows_is_read_without_a_text_or_a_form(compilations: list[str]) -> None:
    texts = [stored(n + 1, company(40, n)) for n in range(8)]
    shelf = Shelf(texts)
    shelf.keep_all()
    assert compilations == [kept.text for kept in texts]
    compilations.clear()
    told = shelf.reader().read()
    assert [r.catalogue for r in told.revisions] == [compiled(kept.text) for kept in texts]
    assert (compilations, shelf.asked) == ([], [])


def test_a_core_that_starts_compiles_no_more_than_what_it_is_started_with(
    journal: SqlJournal, tmp_path: Path, compilations: list[str]
) -> None:
    file = tmp_path / "services.yaml"
    for n in range(6):
        file.write_text(company(40, n), "utf-8")
        Configuration.read(file, tmp_path).begin(journal, Second(NOW + n * 600))
    configuration = Configuration.read(file, tmp_path)
    configuration.begin(journal, Second(NOW + 86_400))
    file.write_text(company(40, 7), "utf-8")
    configuration.reload(journal, Second(NOW + 90_000))
    assert compilations == []
    assert [r.catalogue for r in configuration.catalogues.revisions] == [
        compiled(company(40, n)) for n in (0, 1, 2, 3, 4, 5, 7)
    ]


def test_forms_of_a_journal_of_before_are_compared_once(compilations: list[str]) -> None:
    texts = [company(40, n) for n in range(6)]
    shelf = Shelf([stored(n, t, form_of(compiled(t))) for n, t in enumerate(texts, 1)])
    shelf.keep_all()
    told = shelf.reader().read()
    assert [r.catalogue for r in told.revisions] == [compiled(text) for text in texts]
    assert (compilations, shelf.asked) == ([], [])


def test_what_a_revision_changed_is_small(journal: SqlJournal, tmp_path: Path) -> None:
    file = tmp_path / "services.yaml"
    for n in range(3):
        file.write_text(company(400, n), "utf-8")
        Configuration.read(file, tmp_path).begin(journal, Second(NOW + n * 600))
    with journal.transaction() as tx:
        sizes = [len(step.step) for step in tx.revisions.steps()]
    assert sizes[0] > 50_000
    assert max(sizes[1:]) < 1_000


@pytest.mark.parametrize(
    "spoiled", ["", "{}", "[]", "no JSON", '{"components":[[0,41]],"checks":[]}']
)
def test_what_is_damaged_of_a_change_is_worked_out_again(spoiled: str) -> None:
    texts = [stored(n + 1, company(40, n)) for n in range(5)]
    shelf = Shelf(texts)
    shelf.keep_all()
    whole = dict(shelf.known_steps)
    shelf.known_steps[3] = replace(whole[3], step=spoiled)
    reader = shelf.reader()
    told = reader.read()
    assert [r.catalogue for r in told.revisions] == [compiled(kept.text) for kept in texts]
    assert shelf.asked == [3]
    reader.keep()
    assert shelf.known_steps == whole


def test_a_change_of_another_form_than_ours_is_not_applied() -> None:
    """One that a version left which could read revision 2, or read it otherwise."""
    shelf = Shelf([stored(n, company(9, n)) for n in (1, 2, 3)])
    shelf.keep_all()
    shelf.kept[1] = replace(shelf.kept[1], text=company(9, 2) + REFUSED, form="{}")
    shelf.known_steps[2] = replace(shelf.known_steps[2], step="{}")
    first, second, third = shelf.reader().read().revisions
    assert (second.catalogue, second.is_stand_in) == (first.catalogue, True)
    assert third.catalogue == compiled(company(9, 3))


@pytest.mark.parametrize("seed", range(20))
def test_read_by_its_changes_every_revision_answers_as_if_it_were_alone(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = [compiled(text) for text in random_texts(chance)]
    shelf = Shelf([stored(n, f"# {n}", form_of(one)) for n, one in enumerate(made, 1)])
    shelf.keep_all()
    eager = Catalogues(
        [
            replace(revision, catalogue=replace(one))
            for revision, one in zip(shelf.reader().read().revisions, made, strict=True)
        ]
    )
    told = shelf.reader().read()
    assert answers(told) == answers(eager)


def test_reading_again_reads_what_is_new() -> None:
    shelf = Shelf([stored(1, SHIPPED), stored(2, FULL)])
    reader = shelf.reader()
    before = reader.read()
    shelf.asked.clear()
    shelf.kept.append(stored(3, SHIPPED))
    after = reader.read()
    assert [r.catalogue for r in after.revisions] == [compiled(t) for t in (SHIPPED, FULL, SHIPPED)]
    assert after.revisions[0].catalogue is before.revisions[0].catalogue
    assert shelf.asked == [3]


def test_a_text_that_this_version_compiles_otherwise_is_a_configuration_of_its_own(
    journal: SqlJournal, tmp_path: Path
) -> None:
    """Reports that the core issues and those that a command works out rest on the same past."""
    file, otherwise = tmp_path / "services.yaml", compiled(company(9, 1))
    file.write_text(FULL, "utf-8")
    with journal.transaction() as tx:
        store_revision(tx, FULL, NOW, NOW)
        tx.revisions.store_form(1, form_of(otherwise))
    Configuration.read(file, tmp_path).begin(journal, Second(NOW + 600))
    configuration = Configuration.read(file, tmp_path)
    configuration.begin(journal, Second(NOW + 1_200))
    for told in (configuration.catalogues, RevisionReader(journal).read()):
        assert [r.catalogue for r in told.revisions] == [otherwise, compiled(FULL)]
        assert [r.effective_from for r in told.revisions] == [NOW, NOW + 660]


def test_the_newest_has_its_text_and_the_others_leave_theirs_in_the_journal() -> None:
    shelf = Shelf([stored(n, FULL) for n in (1, 2)])
    told = shelf.reader().read(Compiled(text=FULL, catalogue=compiled(FULL)))
    assert [r.text for r in told.revisions] == ["", FULL]


def test_an_old_revision_takes_little_more_memory_than_its_list_of_checks() -> None:
    """Counted in what is reachable from it alone, whatever else the process holds."""
    checks = 400
    shelf = Shelf([stored(n + 1, company(checks, n)) for n in range(10)])
    shelf.keep_all()
    told = shelf.reader().read()
    for revision in told.revisions:
        for n in range(checks):
            assert revision.catalogue.has(ComponentId(f"c{n}"))
            assert len(revision.catalogue.deciding(ComponentId(f"c{n}"))) == 1
    newest, old = told.revisions[-1].catalogue, told.revisions[5].catalogue
    own = owned(old, owned(newest, set()) | owned(told.revisions[4].catalogue, set()))
    # Its checks in their order, those that differ, and what finds them.
    assert len(own) < checks // 4


def owned(root: object, but: set[int]) -> set[int]:
    """The containers and values that a value holds, by identity, but for some."""
    found: set[int] = set()
    left = [root]
    while left:
        one = left.pop()
        if id(one) in found or id(one) in but or isinstance(one, type):
            continue
        found.add(id(one))
        left += gc.get_referents(one)
    return found


def random_texts(chance: random.Random) -> list[str]:
    """Revisions in which components and checks come, go, change, move and become private."""
    names = [f"c{n}" for n in range(12)]
    parts: dict[str, str] = {}
    texts: list[str] = []
    for _ in range(10):
        for name in chance.sample(names, 3):
            parts[name] = random_component(chance, name)
        if len(parts) > 4:
            del parts[chance.choice(sorted(parts))]
        if chance.random() < 0.3:
            shuffled = chance.sample(sorted(parts), len(parts))
            parts = {name: parts[name] for name in shuffled}
        head = 'page: {name: Estado, company: Acme, url: "https://estado.example/"}\n'
        zone = f"timezone: {chance.choice(['UTC', 'Europe/Madrid'])}\n"
        body = "".join(parts.values())
        texts.append(f"{head}{zone}services:\n  - id: s\n    name: S\n    components:\n{body}")
    return texts


def random_component(chance: random.Random, name: str) -> str:
    public, affects = (
        chance.choice(["true", "false"]),
        chance.choice(["down", "degraded", "nothing"]),
    )
    checks = ", ".join(
        f'{{id: {name}-{n}, probe: tcp, target: "192.0.2.{chance.randint(1, 3)}:1", '
        f"affects: {affects}}}"
        for n in chance.sample(range(4), chance.randint(1, 3))
    )
    title = f"{name} {chance.randint(1, 3)}"
    return f"      - {{id: {name}, name: {title}, public: {public}, checks: [{checks}]}}\n"


def answers(told: Catalogues) -> dict[str, object]:
    """Everything that anybody asks of the configurations that ran."""
    components = [ComponentId(f"c{n}") for n in range(13)]
    checks = [CheckId(f"{c}-{n}") for c in components for n in range(4)]
    numbers = [r.number for r in told.revisions]
    late = Second(NOW + 10**6)
    born = {c.id for r in told.revisions for c in r.catalogue.components}
    return {
        "revisions": told.revisions,
        "first": {c: told.first_seen(c) for c in born},
        "known": [told.last_known(c, late) for c in components],
        "shown": told.ever_shown(late),
        "checks": [told.check(check, n) for check in checks for n in numbers],
        "broken": [told.broken_off(check, 1, n) for check in checks for n in numbers],
        "parts": [
            (r.catalogue.has(c), r.catalogue.checks_of(c), r.catalogue.deciding(c))
            for r in told.revisions
            for c in components
        ],
    }


def test_each_revision_finds_its_own_checks() -> None:
    told = read_all([stored(1, SHIPPED), stored(2, FULL)])
    web = CheckId("web-https")
    assert told.check(web, 1) is None
    assert told.check(web, 2) == compiled(FULL).check(web)
    assert told.check(web, 3) is None


def test_a_component_is_as_old_as_the_first_configuration_that_had_it() -> None:
    told = read_all([stored(1, SHIPPED), stored(2, FULL), stored(3, SHIPPED)])
    assert told.first_seen(ComponentId("web")) == NOW + 7_200
    old = compiled(SHIPPED).components[0].id
    assert told.first_seen(old) == NOW + 3_600
