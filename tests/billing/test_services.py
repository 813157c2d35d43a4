"""Contracts from the panel's services: paged, resumed, shown before they are stored, without a
login of anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest
from aiohttp import web
from typer.testing import CliRunner, Result

from credits.billing.ports import PanelSilent
from credits.contract import Contract
from credits.contracts.from_panel import RentedService
from credits.contracts.rows import COLUMNS
from monitor.billing.read_so_far import OLDEST_S, ServicesFile, ServicesMoved
from monitor.billing.whmcs.services import WhmcsServices
from monitor.cli import build_app
from monitor.domain.time.interval import FOREVER, Second
from monitor.journal.access import open_journal
from tests.billing.desk import Desk
from tests.support.clock import START
from tests.support.whmcs import (
    CANARY_PASSWORD,
    CANARY_USER,
    IDENTIFIER,
    SECRET,
    Fields,
    Service,
    Whmcs,
    said,
    whmcs,
)

CONFIG = """\
page: {{name: Estado, company: Altomarketing, url: "https://status.example/"}}
timezone: America/Argentina/Buenos_Aires
terms: [{{id: default, guarantee: 99.89 %}}, {{id: radio, guarantee: 99.5 %}}]
services:
  - id: web
    name: Web
    components: [{{id: web-1, name: Web 1}}, {{id: ns1, name: NS 1}}]
credits:
  billing:
    kind: whmcs
    settings:
      url: {url}
      identifier: {{file: {folder}/identifier}}
      secret: {{file: {folder}/secret}}
      products: {{"9": radio}}
      servers: {{web-1.example.com: web-1}}
"""


def rented(there: Whmcs, count: int) -> None:
    there.services = {str(n): Service("77") for n in range(1, count + 1)}


def reader(desk: Desk, there: Whmcs) -> WhmcsServices:
    return WhmcsServices(desk.panel(there)._client)


async def read(desk: Desk, there: Whmcs, now: int = START) -> Sequence[RentedService]:
    return await ServicesFile(desk.folder / "services").read(reader(desk, there), Second(now))


async def test_every_page_is_read_however_few_the_panel_gives(desk: Desk) -> None:
    async with whmcs() as there:
        rented(there, 60)
        there.most_a_page = 25
        assert len(await read(desk, there)) == 60
        starts = [call["limitstart"] for call in there.calls("GetClientsProducts")]
    assert starts == ["0", "25", "50"]


async def test_an_attempt_that_was_cut_off_goes_on_where_it_ended(desk: Desk) -> None:
    async with whmcs() as there:
        rented(there, 60)
        there.most_a_page = 25

        async def away(fields: Fields) -> web.StreamResponse | None:
            return web.Response(status=503) if fields["limitstart"] == "50" else None

        there.fault = away
        with pytest.raises(PanelSilent):
            await read(desk, there)
        there.fault, there.asked = None, []
        assert len(await read(desk, there)) == 60
        assert [call["limitstart"] for call in there.asked] == ["50"]
    assert (desk.folder / "services").stat().st_mode & 0o777 == 0o600


async def test_what_was_read_a_day_ago_is_read_again_and_so_is_a_damaged_file(desk: Desk) -> None:
    async with whmcs() as there:
        rented(there, 3)
        await read(desk, there)
        await read(desk, there, START + OLDEST_S + 1)
        with (desk.folder / "services").open("a", encoding="utf-8") as file:
            file.write('{"at": 17')
        assert len(await read(desk, there, START + OLDEST_S + 2)) == 3
    assert len(there.calls("GetClientsProducts")) == 3


async def test_services_that_come_and_go_while_they_are_read_are_read_anew(desk: Desk) -> None:
    async with whmcs() as there:
        rented(there, 60)
        there.most_a_page = 25

        async def shrink(fields: Fields) -> web.StreamResponse | None:
            if fields["limitstart"] == "25":
                there.services.pop("3", None)
            return None

        there.fault = shrink
        with pytest.raises(ServicesMoved):
            await read(desk, there)
        there.fault = None
        assert len(await read(desk, there)) == 59


@pytest.mark.parametrize(
    "answer",
    [
        {"result": "success", "totalresults": "5", "products": ""},
        {"result": "success", "products": {"product": []}},
        {"result": "success", "totalresults": 1, "products": {"product": [{"id": "x"}]}},
        {"result": "error", "message": "Authentication Failed"},
    ],
    ids=["nothing_of_five", "no_total", "no_number", "refused"],
)
async def test_an_answer_that_is_none_imports_nothing(desk: Desk, answer: Fields) -> None:
    async with whmcs() as there:

        async def fault(_: Fields) -> web.StreamResponse:
            return said(dict(answer))

        there.fault = fault
        with pytest.raises(PanelSilent):
            await read(desk, there)


class Office:
    """The command as a person types it, on the core's host."""

    def __init__(self, desk: Desk, there: Whmcs) -> None:
        self.folder = desk.folder
        desk.panel(there)  # Writes the credentials' files.
        self._there = there
        self.configure(CONFIG)

    def configure(self, text: str) -> None:
        found = text.format(url=self._there.url, folder=self.folder)
        (self.folder / "services.yaml").write_text(found, "utf-8")

    @property
    def _where(self) -> tuple[str, ...]:
        config = str(self.folder / "services.yaml")
        return ("--config", config, "--data-dir", str(self.folder))

    async def type(self, *more: str, ok: bool = True) -> Result:
        words = ["contracts", "import", "--from", "whmcs", *more, *self._where]
        ran = await asyncio.to_thread(CliRunner().invoke, build_app(words), words)
        assert (ran.exit_code == 0) is ok, ran.output
        return ran

    async def imports(self, row: str) -> None:
        """As billing does by a file with every column that panels know nothing of."""
        file = self.folder / "rented.csv"
        columns = [name for name in COLUMNS if name not in ("email", "language")]
        file.write_text(",".join(columns) + "\n" + row, "utf-8")
        words = ["contracts", "import", str(file), *self._where]
        ran = await asyncio.to_thread(CliRunner().invoke, build_app(words), words)
        assert ran.exit_code == 0, ran.output

    def contracts(self) -> dict[str, Contract]:
        with (
            open_journal(f"sqlite:///{self.folder / 'journal.db'}") as journal,
            journal.transaction() as tx,
        ):
            return {contract.id: contract for contract in tx.contracts.every()}


async def test_services_become_contracts_under_the_terms_of_their_products(desk: Desk) -> None:
    async with whmcs() as there:
        there.services["502"] = Service("78", status="Suspended", name="Radio")
        there.services["503"] = Service("78", status="Terminated")
        there.services["504"] = Service("78", status="Pending")
        office = Office(desk, there)
        assert "nothing was kept" in (await office.type("--dry-run")).output
        assert office.contracts() == {}
        unanswered = (await office.type(ok=False)).output
        assert "2 new, 0 changed, 0 unchanged\n" in unanswered
        assert unanswered.endswith("Nothing was kept. Store it: --yes\n")
        assert office.contracts() == {}
        assert "2 new" in (await office.type("--yes")).output
    found = office.contracts()
    assert set(found) == {"W-501", "W-502"}
    assert (found["W-501"].client_id, found["W-501"].service_id) == ("77", "501")
    assert found["W-501"].terms[0].terms.required == ("web-1",)
    assert found["W-502"].is_suspended
    assert not (office.folder / "panel-services.jsonl").exists()


async def test_nothing_is_stored_before_somebody_says_so(desk: Desk) -> None:
    async with whmcs() as there:
        office = Office(desk, there)
        ran = await office.type(ok=False)
    assert "+ W-501" in ran.output
    assert office.contracts() == {}


async def test_what_the_panel_does_not_know_stays(desk: Desk) -> None:
    """Invoices, terms and past suspensions of a contract that billing imported by file."""
    async with whmcs() as there:
        office = Office(desk, there)
        await office.imports(
            "C-1,77,501,Hosting,default,web-1,,2026-01-10,,"
            "2026-03-01/2026-03-09,no,,F-1,L1,2026-10-01,2026-11-01,1234.56,USD,,3.00\n"
        )
        before = office.contracts()["C-1"]
        first = await office.type("--yes")
        after = office.contracts()["C-1"]
        assert after == replace(before, product="Hosting básico")
        assert "product: Hosting → Hosting básico" in first.output
        assert "1 unchanged" in (await office.type("--yes")).output
        there.services["501"].status = "Suspended"
        changed = await office.type("--yes")
        assert "suspended_now: no → yes" in changed.output
        there.services["501"].status = "Cancelled"
        await office.type("--yes")
    ended = office.contracts()["C-1"]
    assert ended.active[-1].end < FOREVER
    assert replace(ended, active=after.active) == after


async def test_no_login_of_a_customer_is_kept_or_told(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with whmcs() as there:
        office = Office(desk, there)
        there.services["502"] = Service("78")
        there.most_a_page = 1

        async def away(fields: Fields) -> web.StreamResponse | None:
            return said({"result": "odd"}) if fields["limitstart"] == "1" else None

        there.fault = away
        outputs = [(await office.type("--yes", ok=False)).output]
        kept = [file.read_bytes() for file in desk.folder.iterdir() if file.suffix == ".jsonl"]
        assert kept
        there.fault = None
        outputs.append((await office.type("--yes")).output)
    kept += [file.read_bytes() for file in desk.folder.glob("journal.db*")]
    for canary in (CANARY_USER, CANARY_PASSWORD, SECRET, IDENTIFIER):
        assert not any(canary.encode() in content for content in kept)
        assert canary not in "".join(outputs) + caplog.text


async def test_another_panel_has_no_services_to_read(desk: Desk) -> None:
    async with whmcs() as there:
        office = Office(desk, there)
        office.configure(CONFIG.partition("credits:")[0])
        ran = await office.type(ok=False)
    assert "services are read from whmcs alone" in ran.output


async def test_addresses_and_domains_are_none_of_the_panels(desk: Desk) -> None:
    async with whmcs() as there:
        office = Office(desk, there)
        file = office.folder / "own.csv"
        file.write_text(
            "contract_id,client_id,service_id,product,terms,components,active_from,email,names\n"
            "C-1,77,501,Hosting,default,web-1,2026-01-10,ana@cliente.example,ejemplo.com\n"
            "C-2,77,501,Hosting,default,web-1,2026-01-10,ana@cliente.example,\n",
            "utf-8",
        )
        words = ["contracts", "import", str(file), *office._where]
        ran = await asyncio.to_thread(CliRunner().invoke, build_app(words), words)
        assert ran.exit_code == 0, ran.output
        there.services["501"].status = "Suspended"
        await office.type("--yes")
    after = office.contracts()
    assert after["C-1"].names == ("ejemplo.com",)
    assert {name: one.is_suspended for name, one in after.items()} == {"C-1": True, "C-2": True}
    with desk.journal.transaction() as tx:
        assert str(tx.clients.of(["77"])["77"].address) == "ana@cliente.example"
