"""Configurations that the journal keeps, read by a version that is stricter than the one they ran
under: nothing of the past changes, and no core stops."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

import monitor.bootstrap.revisions as revisions_module
from monitor.adapters.catalogue_form import catalogue_of, form_of
from monitor.adapters.journal import SqlJournal, migrate, open_journal
from monitor.bootstrap.configuration import Configuration, keep_revision
from monitor.bootstrap.registries import registries
from monitor.bootstrap.revisions import compile_all, known_specs
from monitor.config import ConfigErrors, compile_catalogue
from monitor.domain.catalogue import Catalogue
from monitor.domain.interval import Interval, Second
from monitor.domain.observation import CheckId, ComponentId
from monitor.ports.journal import StoredRevision

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


def compiled(text: str) -> Catalogue:
    return compile_catalogue(text, filename="a.yaml", registries=registries())


def stored(number: int, text: str, form: str | None = None) -> StoredRevision:
    start = Second(NOW + number * 3_600)
    return StoredRevision(
        number=number, hash=str(number), text=text, effective_from=start, form=form
    )


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqlJournal]:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    migrate(url, backup=False)
    with open_journal(url) as opened:
        yield opened


@pytest.mark.parametrize("text", [SHIPPED, FULL], ids=["shipped", "full"])
def test_a_catalogue_comes_back_from_its_form_as_it_was(text: str) -> None:
    made = compiled(text)
    assert catalogue_of(form_of(made), known_specs()) == made


def test_no_secret_stands_in_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", "hunter2")
    assert "hunter2" not in form_of(compiled(FULL))


def test_a_text_that_is_refused_now_is_what_it_was_when_it_ran() -> None:
    was = compiled(FULL)
    told = compile_all([stored(1, FULL + REFUSED, form_of(was)), stored(2, SHIPPED)])
    first, second = told.revisions
    assert (first.catalogue, first.is_stand_in) == (was, False)
    assert first.refused.startswith("revision 1:")
    assert "no_longer_known" in first.refused
    assert second.refused == ""
    assert told.stand_ins(Interval(NOW, Second(NOW + 86_400))) == ()


@pytest.mark.parametrize("form", [None, "{}", '{"zone": "UTC", "gone": 1}', "no JSON", "[" * 9_999])
def test_its_neighbour_stands_in_where_no_form_can_be_read(form: str | None) -> None:
    texts = [stored(1, SHIPPED), stored(2, FULL + REFUSED, form), stored(3, FULL)]
    told = compile_all(texts)
    _, second, _ = told.revisions
    assert (second.catalogue, second.is_stand_in) == (compiled(SHIPPED), True)
    assert "revision 2" in second.refused
    check = compiled(SHIPPED).checks[0].id
    assert told.check(CheckId(check), 2) is not None
    hours = [Interval(Second(NOW + n * 3_600), Second(NOW + (n + 1) * 3_600)) for n in (1, 2, 3)]
    assert [told.stand_ins(hour) for hour in hours] == [(), (2,), ()]


def test_what_comes_after_stands_in_for_the_first() -> None:
    first, _ = compile_all([stored(1, REFUSED), stored(2, SHIPPED)]).revisions
    assert (first.catalogue, first.is_stand_in) == (compiled(SHIPPED), True)


def test_where_none_can_be_read_every_error_is_told() -> None:
    with pytest.raises(ConfigErrors, match=r"revision 2.*no_longer_known"):
        compile_all([stored(1, SHIPPED + REFUSED), stored(2, SHIPPED + REFUSED)])


def test_a_core_keeps_the_form_of_each_revision_once(journal: SqlJournal, tmp_path: Path) -> None:
    with journal.transaction() as tx:
        keep_revision(tx, FULL, NOW, NOW)  # as an older version left it: text alone
    for start in (NOW, Second(NOW + 600)):
        configuration = Configuration.read(ROOT / "config" / "services.yaml", tmp_path)
        configuration.begin(journal, start)
    with journal.transaction() as tx:
        kept = tx.revisions.all()
    assert [one.form for one in kept] == [form_of(compiled(FULL)), form_of(compiled(SHIPPED))]


def test_a_core_begins_though_an_old_revision_is_refused_and_names_it(
    journal: SqlJournal, tmp_path: Path
) -> None:
    with journal.transaction() as tx:
        keep_revision(tx, FULL + REFUSED, NOW, NOW)
        tx.revisions.keep_form(1, form_of(compiled(FULL)))
    configuration = Configuration.read(ROOT / "config" / "services.yaml", tmp_path)
    with capture_logs() as logs:
        configuration.begin(journal, Second(NOW + 600))
    assert configuration.catalogues.at(NOW) == compiled(FULL)
    (said,) = [line for line in logs if line["event"] == "config.revision_refused"]
    assert (said["revision"], said["instead"]) == (1, "its compiled form")
    assert "no_longer_known" in said["errors"]
    with journal.transaction() as tx:
        assert tx.revisions.all()[0].text == FULL + REFUSED


def test_the_text_is_what_the_hash_is_of(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        kept = keep_revision(tx, FULL, NOW, NOW)
        tx.revisions.keep_form(kept.number, "{}")
        assert list(tx.revisions.all()) == [replace(kept, form="{}")]


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
    told = compile_all(texts)
    made = [revision.catalogue for revision in told.revisions]
    assert made == [compiled(kept.text) for kept in texts]
    kinds = {id(check) for catalogue in made for check in catalogue.checks}
    # Each revision after the first has its own check, and the one before it as it was.
    assert len(kinds) <= checks + 2 * (revisions - 1)
    assert len({id(part) for one in made for part in one.components}) == checks


def test_an_old_revision_takes_little_more_memory_than_its_list_of_checks() -> None:
    checks = 200
    first = [stored(1, company(checks, 0))]
    compile_all(first)
    tracemalloc.start()
    try:
        alone = compile_all(first)
        one, _ = tracemalloc.get_traced_memory()
        many = compile_all([*first, *(stored(n + 2, company(checks, n + 1)) for n in range(10))])
        both, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(many.revisions) == 11
    assert len(alone.revisions) == 1
    assert both - one < 1.5 * one


def test_a_text_that_ran_twice_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def counted(text: str, **options: Any) -> Catalogue:
        seen.append(text)
        return compile_catalogue(text, **options)

    monkeypatch.setattr(revisions_module, "compile_catalogue", counted)
    texts = [SHIPPED, FULL, SHIPPED]
    told = compile_all([replace(stored(n, text), hash=text[:9]) for n, text in enumerate(texts, 1)])
    assert seen == [SHIPPED, FULL]
    assert told.revisions[2].catalogue == told.revisions[0].catalogue


def test_each_revision_finds_its_own_checks() -> None:
    told = compile_all([stored(1, SHIPPED), stored(2, FULL)])
    web = CheckId("web-https")
    assert told.check(web, 1) is None
    assert told.check(web, 2) == compiled(FULL).check(web)
    assert told.check(web, 3) is None


def test_a_component_is_as_old_as_the_first_configuration_that_had_it() -> None:
    told = compile_all([stored(1, SHIPPED), stored(2, FULL), stored(3, SHIPPED)])
    assert told.first_seen(ComponentId("web")) == NOW + 7_200
    old = compiled(SHIPPED).components[0].id
    assert told.first_seen(old) == NOW + 3_600
