"""Contracts over HTTP: read by page, and imported from a file that nobody trusts."""

from __future__ import annotations

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import pytest

from credits.contracts import file as contracts_file
from monitor.api.requests import upload
from monitor.api.requests.request import LARGEST_BODY
from monitor.api.schema import CSV_FILE
from monitor.api.table import OPERATIONS
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.catalogue import ConfiguredTerms
from tests.api.service import Answered, Service, service
from tests.support.patience import PATIENCE_S
from tests.support.worlds import catalogue

HEADER = (
    "contract_id,client_id,service_id,product,terms,active_from,"
    "invoice_id,invoice_line_id,period_start,period_end,net,currency\n"
)


def row(name: str, product: str = "Hosting", net: str = "12.50", month: int = 8) -> str:
    start, end = f"2026-{month:02}-01", f"2026-{month + 1:02}-01"
    return f"{name},77,501,{product},standard,2026-01-10,F-{name},L1,{start},{end},{net},USD\n"


TERMS = ConfiguredTerms(id="standard", fields={"guarantee": "0.9989"})


@pytest.fixture
async def made(tmp_path: Path) -> AsyncIterator[Service]:
    async with service(tmp_path, catalogue=replace(catalogue(), terms=(TERMS,))) as opened:
        yield opened


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Service]:
    """One that takes small files alone, and only quick ones."""
    small = replace(CSV_FILE, most=500_000, limit_s=0.5)
    operations = tuple(replace(o, upload=small if o.upload else None) for o in OPERATIONS)
    async with service(tmp_path, operations=operations) as opened:
        yield opened


@pytest.fixture
def billing(made: Service) -> str:
    return made.key_of(AccountRole.BILLING)


async def send(made: Service, key: str, text: str | bytes, *, dry: bool = False) -> Answered:
    data = text.encode() if isinstance(text, str) else text
    path = f"/contracts/import?dry_run={'true' if dry else 'false'}"
    return await made.ask("POST", path, key=key, data=data, Content_Type="text/csv")


async def ids(made: Service, key: str) -> list[str]:
    found = (await made.ask("GET", "/contracts", key=key)).json
    return [one["contract_id"] for one in found["contracts"]]


async def test_a_file_is_imported_once_and_the_same_again_changes_nothing(
    made: Service, billing: str
) -> None:
    text = HEADER + row("C-1") + row("C-2")
    first = (await send(made, billing, text)).json
    assert (first["new"], first["changed"], first["unchanged"]) == (2, 0, 0)
    again = (await send(made, billing, text)).json
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, 2)
    noted = [c for c in made.changes() if c.kind == "contract.imported"]
    assert [(c.subject, c.actor, c.via) for c in noted] == [
        ("C-1", "billing", "api"), ("C-2", "billing", "api"),
    ]  # fmt: skip


async def test_a_dry_run_shows_the_difference_and_stores_nothing(
    made: Service, billing: str
) -> None:
    await send(made, billing, HEADER + row("C-1"))
    before = made.changes()
    text = HEADER + row("C-1", product="Radio") + row("C-2")
    found = (await send(made, billing, text, dry=True)).json
    assert (found["dry_run"], found["new"], found["changed"]) == (True, 1, 1)
    differences = [d for one in found["contracts"] for d in one["differences"] if not one["is_new"]]
    assert differences == [{"what": "product", "before": "Hosting", "after": "Radio"}]
    assert made.changes() == before
    assert await ids(made, billing) == ["C-1"]


async def test_all_mistakes_of_a_file_are_told_at_once_and_nothing_is_stored(
    made: Service, billing: str
) -> None:
    text = HEADER + row("C-1") + row("C-2", net="x") + row("C-3").replace("USD", "usd")
    answer = await send(made, billing, text)
    assert (answer.status, answer.code) == (422, "contracts.invalid")
    found = [(e["line"], e["column"]) for e in answer.json["errors"]]
    assert found == [(3, "net"), (4, "currency")]
    assert answer.json["fields"] == {"count": 2}
    assert "nothing of it was stored" in answer.json["detail"]
    assert await ids(made, billing) == []


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b'"' * 300_000, b"\0\n"])
async def test_what_is_no_table_is_told_so(made: Service, billing: str, data: bytes) -> None:
    answer = await send(made, billing, data)
    assert (answer.status, answer.code) == (422, "contracts.invalid")
    assert answer.json["errors"][0]["line"] == 1


async def test_a_row_without_end_takes_no_memory(made: Service, billing: str) -> None:
    answer = await send(made, billing, HEADER + row("C-1") + "C-2," * 100_000)
    assert (answer.status, answer.code) == (422, "contracts.invalid")
    assert "a row of more than" in answer.json["errors"][0]["detail"]
    assert len(answer.text) < 2_000


async def test_after_so_many_mistakes_the_rest_is_not_read(
    made: Service, billing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contracts_file, "MOST_PROBLEMS", 5)
    text = HEADER + "".join(row(f"C-{n}", net="x") for n in range(50))
    errors = (await send(made, billing, text)).json["errors"]
    assert len(errors) == 6
    assert "what follows was not read" in errors[-1]["detail"]


async def test_a_page_ends_where_the_next_one_begins(made: Service, billing: str) -> None:
    await send(made, billing, HEADER + "".join(row(f"C-{n}") for n in range(5)))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await made.ask("GET", f"/contracts?limit=2&after={after}", key=billing)).json
        seen += [one["contract_id"] for one in page["contracts"]]
        after = page["next_after"]
    assert seen == [f"C-{n}" for n in range(5)]


async def test_one_contract_is_found_whatever_its_id_is_made_of(
    made: Service, billing: str
) -> None:
    name = "C/1 ñ?"
    await send(made, billing, HEADER + row(name))
    found = (await made.ask("GET", f"/contracts/{quote(name, safe='')}", key=billing)).json
    assert found["contract_id"] == name
    assert found["active"] == [{"start": "2026-01-10T00:00:00-03:00", "end": None}]
    (line,) = found["lines"]
    assert (line["net"], line["period_end"]) == ("12.50", "2026-09-01T00:00:00-03:00")
    answer = await made.ask("GET", "/contracts/C-9", key=billing)
    assert (answer.status, answer.code) == (404, "contract.unknown")


async def test_a_bounded_account_neither_reads_nor_imports(made: Service) -> None:
    key = made.key_of(AccountRole.BILLING, services=("hosting",))
    for answer in (
        await made.ask("GET", "/contracts", key=key),
        await made.ask("GET", "/contracts/C-1", key=key),
        await send(made, key, HEADER + row("C-1"), dry=True),
    ):
        assert (answer.status, answer.code) == (403, "scope.every_service")


async def test_who_may_only_read_imports_nothing_not_even_to_look(made: Service) -> None:
    key = made.key_of(AccountRole.APPROVER)
    answer = await send(made, key, HEADER + row("C-1"), dry=True)
    assert (answer.status, answer.code) == (403, "scope.missing")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "nonsense"])
async def test_another_type_than_csv_is_not_read(made: Service, billing: str, kind: str) -> None:
    answer = await made.ask("POST", "/contracts/import", key=billing, data=b"{}", Content_Type=kind)
    assert (answer.status, answer.code) == (415, "request.media_type")
    assert "text/csv" in answer.json["detail"]


async def test_a_file_larger_than_a_body_of_json_may_be_is_taken(
    made: Service, billing: str
) -> None:
    lines = [HEADER, *(row(f"C-{n:04}", product="x" * 1_000) for n in range(1_200))]
    path, head = "/api/v1/contracts/import?dry_run=true", {"Content-Type": "text/csv"}
    text = io.BytesIO("".join(lines).encode())
    assert len(text.getvalue()) > LARGEST_BODY
    head["Authorization"] = f"Bearer {billing}"
    async with made.client.post(path, data=text, headers=head) as answer:
        assert (await answer.json())["new"] == 1_200


async def endless() -> AsyncIterator[bytes]:
    yield HEADER.encode()
    while True:
        yield row("C-1").encode() * 1_000


async def test_a_file_without_end_is_not_read(strict: Service) -> None:
    key = strict.key_of(AccountRole.BILLING)
    for data in (HEADER.encode() + b" " * 600_000, endless()):
        path, head = "/api/v1/contracts/import", {"Authorization": f"Bearer {key}"}
        async with strict.client.post(
            path, data=data, headers={**head, "Content-Type": "text/csv"}
        ) as answer:
            assert answer.status == 413


async def test_what_unpacks_to_more_than_fits_is_not_read(strict: Service) -> None:
    answer = await strict.ask(
        "POST", "/contracts/import", key=strict.key_of(AccountRole.BILLING),
        data=gzip.compress(b"x" * 20_000_000), Content_Type="text/csv", Content_Encoding="gzip",
    )  # fmt: skip
    assert (answer.status, answer.code) == (413, "request.too_large")


async def begun_upload(
    made: Service, key: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", made.client.port)
    writer.write(
        b"POST /api/v1/contracts/import HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n"
        b"Authorization: Bearer " + key.encode() + b"\r\nContent-Type: text/csv\r\n\r\n" + b"c"
    )
    await writer.drain()
    return reader, writer


async def test_few_files_are_under_way_at_once_and_one_that_waits_locks_nothing(
    made: Service, billing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clients begin a file and never go on: a third is told to wait, writers do not notice."""
    under_way: asyncio.Queue[None] = asyncio.Queue()
    new_file = upload._new_file

    def told() -> BinaryIO:
        under_way.put_nowait(None)
        return new_file()

    monkeypatch.setattr(upload, "_new_file", told)
    begun = [await begun_upload(made, billing) for _ in range(upload.AT_ONCE)]
    async with asyncio.timeout(PATIENCE_S):
        for _ in begun:
            await under_way.get()
    answer = await send(made, billing, HEADER, dry=True)
    assert answer.status == 503
    assert (answer.code, answer.headers["Retry-After"]) == ("request.busy", "10")
    with made.world.journal.transaction() as tx:
        tx.cursors.set("written", 1)
    for _, writer in begun:
        writer.close()
        await writer.wait_closed()
    async with asyncio.timeout(PATIENCE_S):
        while (await send(made, billing, HEADER + row("C-1"), dry=True)).status == 503:
            pass


async def test_a_file_that_does_not_come_ends_with_its_time(strict: Service) -> None:
    reader, writer = await begun_upload(strict, strict.key_of(AccountRole.BILLING))
    answer = await asyncio.wait_for(reader.readuntil(b"request.too_slow"), PATIENCE_S)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"Connection: close" in answer
    writer.close()
    await writer.wait_closed()


async def test_an_invoice_line_that_another_contract_has_is_told_with_its_line(
    made: Service, billing: str
) -> None:
    assert (await send(made, billing, HEADER + row("C-1"))).status == 200
    answer = await send(made, billing, HEADER + row("C-2").replace("F-C-2", "F-C-1"))
    assert (answer.status, answer.code) == (422, "contracts.invalid")
    (error,) = answer.json["errors"]
    assert (error["line"], error["column"]) == (2, "weight")
