"""A month and a client's statement as PDF: what the JSON says, for whoever may read that."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading

import pytest

from credits.paper import files
from monitor.api.resources.billing import statements
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.time.interval import Second
from monitor.i18n.formats import amount
from monitor.i18n.languages import Lang
from tests.api.service import Service
from tests.api.test_statements import BODY, CANARY, MONTH, outage, row
from tests.support.require import require_server

pytest.importorskip("reportlab", reason="the extra pdf is not installed")

LINE = {
    "product": "Hosting Ñandú", "invoice_id": "F-1", "invoice_line_id": "1",
    "window_start": "2026-08-01T03:00:00Z", "window_end": "2026-09-01T03:00:00Z",
    "contracted_s": 2_678_400, "allowed_s": "2946.24", "downtime_s": 3_600, "excluded_s": 0,
    "excluded_by_cause": {"external_provider": 60}, "unknown_s": 0, "verdict": "breach",
    "arithmetic": "10.00 * 3600 / 2678400", "adjusts_credit_id": None,
}  # fmt: skip
FULL = {
    **BODY,
    "credits": [row("77", "1.66", **LINE), row("78", "9.99", **LINE)],
    "default_terms": None,
    "totals": [
        {"currency": "USD", "total": "11.65", "eligible": "11.65", "blocked_suspended": "0.00"}
    ],
    "components": [
        {"id": "web-1", "name": "Servidor web 1", "uptime_display": "99.86", "down_s": 3_600,
         "excluded_s": 0, "unknown_s": 0, "outages": [outage("web-1") | {"lasted_s": 3_600}]},
    ],
}  # fmt: skip
PAPER = f"/reports/{MONTH}/revisions/1/pdf"


@pytest.fixture
def key(made: Service) -> str:
    """Of billing, where a month was issued."""
    text = json.dumps(FULL, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with made.world.journal.transaction() as tx:
        tx.reports.keep(MONTH, hash="h1", body=text, at=Second(1_790_000_000))
    return made.key_of(AccountRole.BILLING)


async def linked(made: Service, key: str) -> str:
    """The path of a link to a client's statement."""
    body = {"month": MONTH, "revision": 1, "client": "77", "days": 14}
    found = await made.ask("POST", "/statements", key=key, body=body)
    return str(found.json["path"])


async def taken(made: Service, path: str, key: str = "") -> bytes:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with made.client.get(path, headers=headers) as found:
        assert found.status == 200, await found.text()
        assert found.headers["Content-Type"] == "application/pdf"
        assert found.headers["Content-Disposition"].startswith('attachment; filename="estado-2026')
        content = await found.read()
    assert content.startswith(b"%PDF-")
    return content


def words_of(content: bytes) -> str:
    reader = require_server("pdftotext", "what stands on paper")
    done = subprocess.run(
        [reader, "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return " ".join(done.stdout.decode().replace("\u00a0", " ").split())


async def test_the_link_and_its_paper_say_the_same(made: Service, key: str) -> None:
    path = await linked(made, key)
    told = words_of(await taken(made, f"{path}/pdf"))
    said = (await made.ask("GET", path.removeprefix("/api/v1"))).json
    for line in said["credits"]:
        own = [line["contract_id"], line["service_id"], line["credit_id"], line["product"]]
        own += [amount(str(line[n]), Lang.ES) for n in ("contracted_s", "allowed_s", "amount")]
        own += [outage["component"] for outage in line["outages"]]
        for figure in own:
            assert figure in told, figure
    for total in said["totals"]:
        assert f"{total['currency']} {amount(total['total'], Lang.ES)}" in told
    assert (said["content_hash"], said["report_id"]) == ("h1", f"{MONTH} r1")
    assert "Informe 2026-08 r1, emitido el 21/09/2026" in told


async def test_paper_by_a_link_says_nothing_of_another_client_nor_of_who_decided(
    made: Service, key: str
) -> None:
    told = words_of(await taken(made, f"{await linked(made, key)}/pdf?lang=en"))
    assert "Client 77" in told
    for private in (CANARY, "BON-78", "9.99", "db-secret", "web-1", "Radio"):
        assert private not in told


async def test_paper_ends_with_its_link(made: Service, key: str) -> None:
    path = (await linked(made, key)).removeprefix("/api/v1")
    made.world.clock.advance(14 * 86_400)
    gone = await made.ask("GET", f"{path}/pdf")
    assert (gone.status, gone.code) == (404, "statement.gone")


async def test_billing_takes_the_month_and_each_clients_part(made: Service, key: str) -> None:
    whole = words_of(await taken(made, f"/api/v1{PAPER}", key))
    assert "Disponibilidad y bonificaciones de agosto de 2026" in whole
    assert "USD 11,65 0,00 11,65" in whole
    assert "BON-77" in whole
    assert "BON-78" in whole
    one = words_of(await taken(made, f"/api/v1{PAPER}?client=77&lang=en", key))
    assert "BON-77" in one
    assert "BON-78" not in one


async def test_only_who_may_read_billing_takes_it(made: Service, key: str) -> None:
    stranger = made.key_of(AccountRole.OPERATOR)
    assert (await made.ask("GET", PAPER, key=stranger)).status == 403
    assert (await made.ask("GET", PAPER)).status == 401


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{PAPER}?client=79", "statement.no_client"),
        (f"/reports/{MONTH}/revisions/2/pdf", "report.no_revision"),
        (f"/reports/{MONTH}/revisions/x/pdf", "revision.unknown"),
    ],
)
async def test_paper_of_nothing_is_refused(made: Service, key: str, path: str, code: str) -> None:
    found = await made.ask("GET", path, key=key)
    assert (found.status, found.code) == (404, code)


async def test_a_month_that_would_take_minutes_is_refused_with_the_way_to_have_it(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_ROWS", 1)
    found = await made.ask("GET", PAPER, key=key)
    assert (found.status, found.code) == (422, "paper.too_long")
    assert "estado report --format pdf" in found.json["detail"]
    assert (await made.ask("GET", f"{PAPER}?client=79", key=key)).status == 404


async def test_who_holds_a_link_keeps_nobody_who_signs_in_waiting(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, goes_on = await linked(made, key), threading.Event()

    def slowly(*_: object) -> bytes:
        assert goes_on.wait(10)
        return b"%PDF-"

    monkeypatch.setattr(statements, "statement_file", slowly)
    asked = [asyncio.ensure_future(made.client.get(f"{path}/pdf")) for _ in range(20)]
    done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    found = await made.ask("GET", "/statements", key=key)
    goes_on.set()
    answers = [one.status for one in await asyncio.gather(*done, *waiting)]
    assert found.status == 200
    assert {*answers} == {200, 503}


async def test_where_the_library_is_missing_it_says_which_extra_has_it(
    made: Service, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "credits.paper.render", None)
    for path in (PAPER, f"{(await linked(made, key)).removeprefix('/api/v1')}/pdf"):
        found = await made.ask("GET", path, key=key)
        assert (found.status, found.code) == (501, "paper.no_library")
        assert "estado[pdf]" in found.json["detail"]
