"""Contracts are read back equal, reports stay byte for byte."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from credits.contract import Contract, ContractId, PriceSegment, SoldLine, TermsPeriod
from credits.money import Money
from credits.ports import CreditsTransaction, StoredReport
from credits.terms import Terms, Tier
from monitor.domain.time.interval import FOREVER, Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.journal.ports import JournalError
from monitor.journal.tables import terms
from tests.journal.builders import change, window

STRICT = Terms(guarantee=Decimal("0.9989"))
TIERED = Terms(
    guarantee=Decimal("0.999"),
    policy="tiers",
    tiers=(Tier(below=Decimal("0.99"), credit=Decimal("0.25")),),
    required=("web",),
    groups=(("ns1", "dns"), ("ns2", "dns")),
)


def segment(line: str, start: int, net: str) -> PriceSegment:
    return PriceSegment(
        invoice_id="F-1",
        line_id=line,
        period=window(start, start + 100),
        net=Money(Decimal(net), "ARS"),
        weight=Decimal("0.333333333333333333333333333333"),
        already_credited=Decimal("0.10"),
    )


def contract(name: str = "c1", *active: Interval) -> Contract:
    return Contract(
        id=ContractId(name),
        client_id="77",
        service_id="1001",
        product="Hosting Ñandú",
        active=active or (window(0, 100), Interval(Second(200), FOREVER)),
        suspended=(window(20, 30),),
        is_suspended=True,
        terms=(
            TermsPeriod(period=window(0, 100), label="2026", terms=STRICT),
            TermsPeriod(period=window(100, 200), label="promo", terms=TIERED),
            TermsPeriod(period=window(200, 300), label="2027", terms=STRICT),
        ),
        segments=(segment("1", 0, "1234567890123456789.10"), segment("2", 0, "0.30")),
    )


def keep(journal: SqlJournal, *contracts: Contract) -> None:
    with journal.transaction() as tx:
        for one in contracts:
            tx.contracts.save(one)


def test_it_is_what_credits_asks_for(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        money: CreditsTransaction = tx
        assert money.contracts.get(ContractId("c1")) is None


def test_it_reads_a_contract_back_equal_to_the_last_digit(journal: SqlJournal) -> None:
    keep(journal, contract())
    with journal.transaction() as tx:
        found = tx.contracts.get(ContractId("c1"))
    assert found == contract()
    assert repr(found) == repr(contract())


def test_it_replaces_a_contract_with_all_its_parts(journal: SqlJournal) -> None:
    slim = replace(contract(), active=(window(0, 5),), suspended=(), terms=(), segments=())
    keep(journal, contract(), contract("c2"))
    keep(journal, slim)
    with journal.transaction() as tx:
        assert list(tx.contracts.every()) == [slim, contract("c2")]


def test_it_reads_those_that_there_are_of_some_ids(journal: SqlJournal) -> None:
    keep(journal, *(contract(name) for name in ("c1", "c2", "c3")))
    wanted = [ContractId(name) for name in ("c3", "nothing", "c1")]
    with journal.transaction() as tx:
        assert tx.contracts.some(wanted) == {c: contract(c) for c in ("c1", "c3")}
        assert tx.contracts.some([]) == {}


def test_contracts_saved_together_stand_as_if_each_was_saved(journal: SqlJournal) -> None:
    slim = replace(contract(), active=(window(0, 5),), suspended=(), terms=(), segments=())
    keep(journal, contract(), contract("c2"))
    with journal.transaction() as tx:
        tx.contracts.save_all([slim, contract("c3")])
        tx.contracts.save_all([])
    with journal.transaction() as tx:
        assert list(tx.contracts.every()) == [slim, contract("c2"), contract("c3")]


def test_hundreds_saved_together_stand_as_if_each_was_saved(journal: SqlJournal) -> None:
    odd = 'Ñandú "ñ" \\ \\u0041 %s %(rows)s {1,NULL} \u2028 \U0001f4a5'
    every = [replace(contract(f"c{n:03}"), product=f"{n} {odd}") for n in range(250)]
    later = [replace(one, product=odd, is_suspended=False, suspended=()) for one in every[20:80]]
    keep(journal, *every[:3])
    with journal.transaction() as tx:
        tx.contracts.save_all(every)
        tx.contracts.save_all(later)
    with journal.transaction() as tx:
        assert list(tx.contracts.every()) == [*every[:20], *later, *every[80:]]


def test_it_sends_hundreds_to_postgresql_by_one_statement_a_table(postgres_url: str) -> None:
    sent: list[tuple[str, bool]] = []

    def note(c: object, u: object, sql: str, p: object, x: object, is_many: bool) -> None:
        sent.append((sql.split("(")[0].strip(), is_many))

    with open_journal(postgres_url) as journal:
        sa.event.listen(journal._engine, "before_cursor_execute", note)
        with journal.transaction() as tx:
            tx.contracts.save_all([contract(f"c{n}") for n in range(250)])
            tx.changes.append([change(f"c{n}") for n in range(250)])
    names = ("contract", "contract_interval", "contract_terms", "price_segment", "change")
    for name in names:
        assert sent.count((f"INSERT INTO {name}", False)) == 1
        assert (f"INSERT INTO {name}", True) not in sent


def test_it_streams_every_contract_by_id_over_all_pages(journal: SqlJournal) -> None:
    bare = replace(contract(), terms=(), segments=(), suspended=(), active=(window(0, 5),))
    many = [replace(bare, id=ContractId(f"c{n:04}")) for n in range(1203)]
    keep(journal, *reversed(many))
    with journal.transaction() as tx:
        assert list(tx.contracts.every()) == many


def test_it_streams_the_lines_of_every_contract_over_all_pages(journal: SqlJournal) -> None:
    sold = tuple(replace(segment(line, 0, "1"), weight=Decimal("0.10")) for line in "abc")
    bare = replace(contract(), terms=(), suspended=(), active=(window(0, 5),), segments=sold)
    names = [ContractId(f"c{n:04}") for n in range(401)]
    keep(journal, replace(bare, id=ContractId("none"), segments=()))
    with journal.transaction() as tx:
        tx.contracts.save_all([replace(bare, id=name) for name in reversed(names)])
        expected = [
            SoldLine(name, "F-1", line, Decimal("0.10")) for name in names for line in "abc"
        ]
        assert list(tx.contracts.lines()) == expected


def test_it_streams_those_active_in_a_window(journal: SqlJournal) -> None:
    keep(
        journal,
        contract("before", window(0, 100)),
        contract("edge", window(0, 101)),
        contract("twice", window(100, 120), window(150, 900)),
        contract("after", window(200, 300)),
    )
    with journal.transaction() as tx:
        assert [c.id for c in tx.contracts.active_in(window(100, 200))] == ["edge", "twice"]


def test_it_pages_those_active_in_a_window(journal: SqlJournal) -> None:
    keep(journal, *(contract(f"c{n}", window(n * 10, n * 10 + 10)) for n in range(6)))
    with journal.transaction() as tx:
        pages = [
            [one.id for one in tx.contracts.active_page(window(15, 50), ContractId(after), 2)]
            for after in ("", "c2", "c25", "c4")
        ]
        assert pages == [["c1", "c2"], ["c3", "c4"], ["c3", "c4"], []]


def test_it_keeps_equal_terms_once(journal: SqlJournal) -> None:
    keep(journal, contract(), contract("c2"))
    with journal._engine.begin() as connection:
        kept = connection.execute(sa.select(terms.c.hash)).scalars().all()
    assert sorted(kept) == sorted([STRICT.hash, TIERED.hash])


def test_it_keeps_a_new_revision_of_a_report_only_where_it_differs(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        first = tx.reports.keep("2026-10", hash="h1", body='{"a": "ñ"}', at=Second(100))
        same = tx.reports.keep("2026-10", hash="h1", body='{"a": "ñ"}', at=Second(200))
    with journal.transaction() as tx:
        second = tx.reports.keep("2026-10", hash="h2", body="{}", at=Second(300))
        back = tx.reports.keep("2026-10", hash="h1", body='{"a": "ñ"}', at=Second(400))
        other = tx.reports.keep("2026-11", hash="h1", body="{}", at=Second(500))
        assert tx.reports.of("2026-10") == [first, second, back]
    expected = StoredReport(
        period="2026-10", revision=1, hash="h1", generated_at=Second(100), body='{"a": "ñ"}'
    )
    assert first == same == expected
    assert [r.revision for r in (second, back, other)] == [2, 3, 1]


@pytest.mark.parametrize("edit", ["UPDATE report SET body = '{}'", "DELETE FROM report"])
def test_it_lets_nobody_change_an_issued_report(journal: SqlJournal, edit: str) -> None:
    with journal.transaction() as tx:
        tx.reports.keep("2026-10", hash="h1", body="{}", at=Second(100))
    with pytest.raises(JournalError, match="append-only"), journal.transaction() as tx:
        tx.reports._connection.execute(sa.text(edit))


def test_it_pages_contracts_by_id(journal: SqlJournal) -> None:
    keep(journal, *(contract(name) for name in ("c3", "c1", "c2")))
    with journal.transaction() as tx:
        first = tx.contracts.page(ContractId(""), 2)
        rest = tx.contracts.page(first[-1].id, 2)
    assert [one.id for one in (*first, *rest)] == ["c1", "c2", "c3"]
    assert rest[0] == contract("c3")


def test_it_lists_reports_newest_first_and_finds_one_without_the_others(
    journal: SqlJournal,
) -> None:
    with journal.transaction() as tx:
        tx.reports.keep("2026-09", hash="h1", body="{}", at=Second(50))
        first = tx.reports.keep("2026-10", hash="h1", body='{"a": "ñ"}', at=Second(100))
        second = tx.reports.keep("2026-10", hash="h2", body="{}", at=Second(200))
        listed = tx.reports.heads(None, 2)
        assert [(one.period, one.revision, one.hash) for one in listed] == [
            ("2026-10", 2, "h2"), ("2026-10", 1, "h1"),
        ]  # fmt: skip
        (older,) = tx.reports.heads(("2026-10", 1), 5)
        assert (older.period, older.generated_at) == ("2026-09", 50)
        assert tx.reports.get("2026-10", None) == second
        assert tx.reports.get("2026-10", 1) == first
        assert tx.reports.get("2026-10", 3) is tx.reports.get("2026-11", None) is None
