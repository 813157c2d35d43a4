"""What a month's figures are made of: anybody computes them again, and nobody reads more."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.catalogue import Catalogue, Component
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.exclusions.classification import (
    Evidence,
    EvidenceFile,
    ExclusionReference,
    ExclusionRevision,
    RevisionState,
)
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.i18n.formats import NBSP
from tests.roles.archive_world import DAY, EACH, HOUR, Company, body_of, local, slow_catalogue
from tests.support.worlds import DNS, MAIL, WEB, World, check

pytestmark = pytest.mark.timeout(400)

ROOT = Path(__file__).resolve().parents[2]
CANARY = "zqcanario"
OCTOBER = "/api/availability/2026-10.json"
SECRET = ComponentId(f"{CANARY}-oculto")


def whispering_catalogue() -> Catalogue:
    """With a canary in each field of the configuration that is nobody's business."""
    made = slow_catalogue()
    hidden = Component(
        id=SECRET, service=made.services[0].id, name=plain(f"{CANARY} interno"),
        is_public=False,
    )  # fmt: skip
    own = [
        replace(
            one,
            id=CheckId(f"{one.component}-check"),
            host=f"{CANARY}-host",
            gate=f"{CANARY}-puerta",
        )
        for one in made.checks
    ]
    policy = own[0].policy
    secret = replace(check(SECRET, host=f"{CANARY}-host2"), policy=policy)
    return replace(made, components=(*made.components, hidden), checks=(*own, secret))


def classify(company: Company, component: ComponentId, span: Interval, cause: str) -> None:
    """Approved by two accounts, with evidence of each kind."""
    asked = ExclusionRevision(
        reference=ExclusionReference(f"{CANARY}-{component}"), revision=1, component=component,
        interval=span, cause=cause, proposed_by=f"{CANARY}-ana", at=company.now,
        evidence=Evidence(
            text=f"{CANARY}-texto", links=(f"https://{CANARY}.example",),
            files=(EvidenceFile(name=f"{CANARY}.pdf", sha256="ab" * 32, bytes=7),),
        ),
    )  # fmt: skip
    step = asked.decided(
        RevisionState.APPROVED, by=f"{CANARY}-luz", reason=f"{CANARY}-razon", at=company.now
    )
    with company.world.journal.transaction() as tx:
        tx.exclusions.append(asked)
        tx.exclusions.append(step)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """web fell for a day in October, six hours of which were a provider's; dns was slow, and work
    on it was announced; mail worked; and one component nobody may know of fell as well."""
    folder = tmp_path_factory.mktemp("breakdown")
    made = Company(folder, World(folder, whispering_catalogue()))
    quiet = "+" * 10
    made.live(until="2026-10-12T00:00", web=quiet, dns=quiet, mail=quiet, **{SECRET: quiet})
    start = made.now
    made.live(web="----+++", dns="~~~~+++", mail="+++++++", **{SECRET: "----+++"})
    second_look = Interval(Second(start + EACH), Second(start + 2 * EACH))
    classify(made, WEB, second_look, "external_provider")
    classify(made, DNS, second_look, f"{CANARY}-causa")
    made.announce("disco", local("2026-10-20T00:00"), 12, DNS)
    made.announce("oculto", local("2026-10-21T00:00"), 12, SECRET)
    made.live(until="2026-11-03T00:00")
    asyncio.run(made.publish())
    return made


def data(company: Company) -> dict[str, Any]:
    answer = company.ask(OCTOBER)
    assert answer.status == 200
    assert ("Access-Control-Allow-Origin", "*") in answer.headers
    found: dict[str, Any] = json.loads(body_of(answer))
    return found


def entry(company: Company, component: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in data(company)["components"] if c["id"] == component)
    return found


def text(company: Company, path: str) -> str:
    return company.page(path).text().replace(NBSP, " ")


def recomputed(component: dict[str, Any]) -> tuple[int, int]:
    """As a stranger does it who read the recipe of `docs/page.md`."""
    total = sum(i["seconds"] for i in component["intervals"])
    down = sum(i["seconds"] for i in component["intervals"] if i["counts_as"] == "down")
    return total - down, total


def test_a_stranger_computes_each_percentage_again(company: Company) -> None:
    for component in data(company)["components"]:
        good, total = recomputed(component)
        share = component["availability"]
        assert (good, total) == (share["numerator"], share["denominator"])
        assert total == component["seconds"] == 31 * DAY
        assert share["percent"] == f"{good * 10000 // total / 100:.2f}"
    assert entry(company, WEB)["availability"]["percent"] == "97.58"


def test_the_recipe_of_the_manual_gives_what_the_page_shows(
    company: Company,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    manual = (ROOT / "docs" / "page.md").read_text("utf-8")
    recipe = re.search(r"```python\n(import hashlib.*?)```", manual, re.DOTALL)
    assert recipe is not None
    (tmp_path / "2026-11.json").write_bytes(body_of(company.ask(OCTOBER)))
    monkeypatch.chdir(tmp_path)
    exec(recipe[1], {})  # noqa: S102 - what the manual tells strangers to run
    assert capsys.readouterr().out.splitlines() == [
        "web 97.58 97.58 True",
        "dns 100.00 100.00 True",
        "mail 100.00 100.00 True",
    ]


def test_the_intervals_cover_the_month_without_a_gap(company: Company) -> None:
    for component in data(company)["components"]:
        edges = [component["start"], *(i["end"] for i in component["intervals"])]
        assert edges[:-1] == [i["start"] for i in component["intervals"]]
        assert edges[-1] == component["end"]


def test_the_page_and_the_file_say_the_same(company: Company) -> None:
    found = entry(company, WEB)
    page = text(company, "/historial/2026-10/web")
    percent = found["availability"]["percent"].replace(".", ",")
    assert f"Disponibilidad: {percent} %." in page
    assert f"(2.678.400 − 64.800) ÷ 2.678.400 = {percent} %" in page
    assert found["sha256"] in page
    assert f"{percent} %" in text(company, "/historial/2026-10")


def test_an_excluded_interval_says_its_published_cause_and_no_more(company: Company) -> None:
    (excluded,) = (i for i in entry(company, WEB)["intervals"] if i["counts_as"] == "excluded")
    assert excluded["seconds"] == 6 * HOUR
    assert excluded["cause"]["id"] == "external_provider"
    assert "No cuenta: falla de un proveedor externo." in text(company, "/historial/2026-10/web")
    assert entry(company, WEB)["excluded_s_by_cause"] == {"external_provider": 6 * HOUR}


def test_a_cause_without_published_words_is_one_that_the_contract_provides_for(
    company: Company,
) -> None:
    (excluded,) = (i for i in entry(company, DNS)["intervals"] if i["counts_as"] == "excluded")
    assert excluded["cause"]["id"] == "other"
    page = text(company, "/historial/2026-10/dns")
    assert "No cuenta: otra causa prevista en el contrato." in page


def test_an_outage_says_what_was_noticed_its_bounds_and_its_incident(company: Company) -> None:
    fell = next(i for i in entry(company, WEB)["intervals"] if i["counts_as"] == "down")
    assert fell["cause"] == {
        "id": "silent",
        "words": {"es": "sin respuesta", "en": "not responding"},
    }
    assert (fell["start"], fell["not_before"]) == (
        "2026-10-12T08:14:00+00:00",
        "2026-10-12T02:14:00+00:00",
    )
    assert fell["incident"]["id"] in company.incidents()
    links = [address for _, address in company.page("/historial/2026-10/web").links()]
    assert f"/incidente/{fell['incident']['id']}" in links


def test_announced_work_stands_with_its_publication(company: Company) -> None:
    (work,) = entry(company, DNS)["maintenance"]
    assert (work["id"], work["is_cancelled"]) == ("disco", False)
    assert work["published_at"] < work["start"]
    assert "Mantenimientos anunciados" in text(company, "/historial/2026-10/dns")


def test_what_only_worked_is_in_the_file_and_has_no_page(company: Company) -> None:
    found = entry(company, MAIL)
    assert [i["counts_as"] for i in found["intervals"]] == ["up"]
    assert found["page"] is None
    assert company.ask("/historial/2026-10/mail").status == 404


def test_each_digest_is_that_of_the_rest_in_its_canonical_form(company: Company) -> None:
    document = data(company)
    for sealed in (document, *document["components"]):
        rest = {name: value for name, value in sealed.items() if name != "sha256"}
        written = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(written.encode()).hexdigest() == sealed["sha256"]


def test_percentages_lead_to_what_they_are_made_of(company: Company) -> None:
    for path, led in (
        ("/historial/2026-10", "/historial/2026-10/web"),
        ("/en/history/2026-10", "/en/history/2026-10/dns"),
        ("/componente/web", "/historial/2026-10/web"),
        ("/historial", "/historial/2026-10/web"),
        ("/disponibilidad", "/historial/2026-10"),
        ("/historial/2026-10", OCTOBER),
    ):
        links = {address for _, address in company.page(path).links()}
        assert led in links, path
        for address in links:
            is_of_a_month = address.startswith(("/historial/2026-10", "/en/history/2026-10"))
            assert not is_of_a_month or company.ask(address.partition("#")[0]).status == 200


def test_no_byte_of_the_archive_knows_what_is_private(company: Company) -> None:
    with company.world.journal.transaction() as tx:
        kept = {one.cause for one in tx.exclusions.approved(Interval(Second(0), Second(2**40)))}
    assert f"{CANARY}-causa" in kept
    read = 0
    for file in company.root.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            content = gzip.decompress(content) if file.suffix == ".gz" else content
            assert CANARY.encode() not in content, file
            assert b"-check" not in content, file
            read += 1
    assert read > 10


def test_nothing_of_a_month_that_runs_is_there_yet(company: Company) -> None:
    assert company.ask("/api/availability/2026-11.json").status == 404
    assert company.ask("/historial/2026-11/web").status == 404
