"""`estado contracts`: checked as a whole, shown as a difference, repeated without effect."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
import sqlalchemy as sa

from credits.contract import Contract, ContractId, PriceSegment
from credits.life.ledger import PostingId, first_fault
from credits.money import Money
from monitor.journal.access import open_journal
from tests.credits.desk import CONFIG, Desk
from tests.support.clock import second

HEADER = (
    "contract_id,client_id,service_id,product,terms,components,active_from,active_to,suspended,"
    "invoice_id,invoice_line_id,period_start,period_end,net,currency,weight,already_credited\n"
)
OCTOBER = (
    "C-1,77,501,Hosting básico,standard,web-1,2026-01-10,,,"
    "F-1,L1,2026-10-01,2026-11-01,1234.56,USD,,\n"
)
NOVEMBER = (
    "C-1,77,501,Hosting básico,standard,web-1,2026-01-10,,,"
    "F-2,L1,2026-11-01,2026-12-01,1500.00,USD,,\n"
)
OTHER = "C-2,78,502,Radio,standard,,2026-10-05,2026-12-01,2026-10-07/2026-10-09,,,,,,,,\n"


def kept(desk: Desk, name: str = "C-1") -> Contract:
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        found = tx.contracts.get(ContractId(name))
    assert found is not None
    return found


def keep(desk: Desk, contract: Contract) -> None:
    """As an earlier version may have kept it."""
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        tx.contracts.save(contract)


def changes(desk: Desk) -> list[tuple[str, str]]:
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        return [(c.kind, c.subject) for c in tx.changes.since(0, 1000) if "contract" in c.kind]


def test_contracts_that_share_terms_keep_components_and_management_of_their_own(
    desk: Desk,
) -> None:
    header = HEADER.replace("active_to,", "management,")
    rows = {
        "C-1": ("web-1", "managed"), "C-2": ("mail-1", "managed"), "C-3": ("web-1", "none"),
        "C-4": ("", ""), "C-5": ("web-1", "managed"),
    }  # fmt: skip
    text = "".join(
        f"{name},77,501,Hosting,standard,{components},2026-01-10,{management},,,,,,,,,\n"
        for name, (components, management) in rows.items()
    )
    ran = desk.type("contracts", "import", desk.write(header + text))
    assert (ran.code, ran.err) == (0, "")
    found = {name: kept(desk, name).terms[0].terms for name in rows}
    assert {name: (" ".join(t.required or ()), t.management) for name, t in found.items()} == {
        **rows, "C-4": ("", "managed"),
    }  # fmt: skip


def test_it_keeps_what_a_file_says(desk: Desk) -> None:
    ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER + NOVEMBER + OTHER))
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("2 new, 0 changed, 0 unchanged\n")
    contract = kept(desk)
    assert [s.key for s in contract.segments] == [("F-1", "L1"), ("F-2", "L1")]
    assert contract.segments[0].period.start == second("2026-10-01T00:00:00-03:00")
    assert contract.segments[0].net.amount == Decimal("1234.56")
    assert contract.terms[0].terms.required == ("web-1",)
    other = kept(desk, "C-2")
    assert other.active_time.seconds == (57 - 2) * 86_400
    assert other.terms[0].period == other.active[0]
    assert changes(desk) == [("contract.imported", "C-1"), ("contract.imported", "C-2")]


def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    file = desk.write(HEADER + OCTOBER + OTHER)
    desk.type("contracts", "import", file)
    before = kept(desk), changes(desk)
    ran = desk.type("contracts", "import", file)
    assert (ran.code, ran.out) == (0, "0 new, 0 changed, 2 unchanged\n")
    assert (kept(desk), changes(desk)) == before


def test_it_shows_what_changes_and_leaves_other_lines_alone(desk: Desk) -> None:
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER + OTHER))
    ran = desk.type("contracts", "import", desk.write(HEADER + NOVEMBER))
    assert ran.out.splitlines()[0] == "~ C-1"
    assert any("invoice F-2/L1: nothing → 1500.00 USD" in line for line in ran.out.splitlines())
    assert [s.invoice_id for s in kept(desk).segments] == ["F-1", "F-2"]
    assert kept(desk, "C-2").product == "Radio"


def test_a_rehearsal_keeps_nothing(desk: Desk) -> None:
    ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER), "--dry-run")
    assert ran.out.endswith("1 new, 0 changed, 0 unchanged; nothing was kept (--dry-run)\n")
    assert changes(desk) == []


def test_semicolons_and_a_byte_order_mark_are_read(desk: Desk) -> None:
    text = (HEADER + OCTOBER).replace(",", ";")
    ran = desk.type("contracts", "import", desk.write(text, encoding="utf-8-sig"))
    assert (ran.code, kept(desk).product) == (0, "Hosting básico")


def test_terms_are_those_of_the_day_of_payment_and_stand_once_kept(desk: Desk) -> None:
    file = desk.write(HEADER + OCTOBER)
    desk.type("contracts", "import", file)
    desk.publish(CONFIG.replace('"0.9989"', '"0.995"'), second("2026-10-15T03:00:00Z"))
    assert desk.type("contracts", "import", file).out == "0 new, 0 changed, 1 unchanged\n"
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER + NOVEMBER))
    assert [p.terms.guarantee for p in kept(desk).terms] == [Decimal("0.9989"), Decimal("0.995")]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            OCTOBER.replace("1234.56", "1.234,56").replace("1.234,56", '"1.234,56"'),
            "2: net: wanted a decimal number of at least 0, got '1.234,56'",
        ),
        (
            OCTOBER.replace("1234.56", "1.234"),
            "2: net: wanted at most 2 decimals in USD, got '1.234'",
        ),
        (
            OCTOBER.replace("2026-11-01", "2026-09-01"),
            "2: period_end: wanted a time after period_start, got '2026-09-01'",
        ),
        (
            OCTOBER.replace("standard", "standrad"),
            "2: terms: wanted terms of the configuration (standard), perhaps 'standard',"
            " got 'standrad'",
        ),
        (
            OCTOBER.replace("web-1", "web-9"),
            "2: components: wanted components of the configuration, perhaps 'web-1', got 'web-9'",
        ),
        (OCTOBER + OCTOBER, "3: invoice_line_id: wanted each line once, got 'L1'"),
        (
            OCTOBER + NOVEMBER.replace("77", "78"),
            "3: client_id: wanted '77' as in line 2, got '78'",
        ),
        (
            OCTOBER + OTHER + NOVEMBER,
            "4: contract_id: wanted the rows of one contract together, got 'C-1'",
        ),
        (
            OCTOBER
            + NOVEMBER.replace("2026-11-01", "2026-10-15").replace("web-1", "").replace("L1", "L2"),
            "3: terms: wanted one set of terms a period, 'standard' holds until"
            " 2026-11-01T00:00:00-03:00, got 'standard'",
        ),
        (OCTOBER.replace(",,\n", ",,,surplus\n"), "2: the row: wanted 17 cells, got more"),
    ],
)
def test_it_names_file_line_column_wanted_and_got(desk: Desk, rows: str, said: str) -> None:
    file = desk.write(HEADER + rows)
    ran = desk.type("contracts", "import", file)
    assert (ran.code, ran.err) == (2, f"{file}:{said}\nNothing was kept.\n")
    assert changes(desk) == []


def test_every_problem_is_told_at_once(desk: Desk) -> None:
    rows = OCTOBER.replace("USD", "usd") + OTHER.replace("502", "").replace("2026-10-05", "soon")
    ran = desk.type("contracts", "import", desk.write(HEADER + rows))
    assert [line.split(":")[1:3] for line in ran.err.splitlines()[:-1]] == [
        ["2", " currency"], ["3", " service_id"], ["3", " active_from"],
    ]  # fmt: skip


def test_a_header_with_a_mistyped_column_is_refused(desk: Desk) -> None:
    ran = desk.type("contracts", "import", desk.write(HEADER.replace("weight", "wieght")))
    assert ran.code == 2
    assert ran.err.endswith("line 1: wanted a known column, perhaps 'weight', got 'wieght'\n")


def test_list_shows_what_is_kept(desk: Desk) -> None:
    assert "No contracts yet" in desk.type("contracts", "list").out
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER + OTHER))
    lines = desk.type("contracts", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["contract", "C-1", "C-2"]


def test_list_tells_programs_each_line_under_the_names_of_the_file(desk: Desk) -> None:
    assert json.loads(desk.type("contracts", "list", "--json").out) == []
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER + OTHER))
    told = json.loads(desk.type("contracts", "list", "--json").out)
    assert [row["contract_id"] for row in told] == ["C-1", "C-2"]
    columns = set(HEADER.strip().split(","))
    assert {"contract_id", "client_id", "service_id", "product"} <= columns & told[0].keys()
    (line,) = told[0]["lines"]
    assert line.keys() <= columns
    assert (line["period_start"], line["period_end"]) == (
        "2026-10-01T00:00:00-03:00", "2026-11-01T00:00:00-03:00",
    )  # fmt: skip
    assert told[0]["active"][0]["end"] is None
    assert (line["net"], line["weight"], line["already_credited"]) == ("1234.56", "1", "0")


def test_list_tells_programs_plain_decimals_only(desk: Desk) -> None:
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    contract = kept(desk)
    (segment,) = contract.segments
    many = PriceSegment(
        invoice_id="F-1", line_id="L1", period=segment.period, net=Money(Decimal("1E+3"), "USD"),
        weight=Decimal("1E-2"), already_credited=Decimal("5E+2"),
    )  # fmt: skip
    keep(desk, replace(contract, segments=(many,)))
    (line,) = json.loads(desk.type("contracts", "list", "--json").out)[0]["lines"]
    assert (line["net"], line["weight"], line["already_credited"]) == ("1000", "0.01", "500")


def test_list_shows_people_the_days_that_they_typed(desk: Desk) -> None:
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    assert "since 2026-" in desk.type("contracts", "list").out


def test_list_gives_a_terminal_no_orders_that_an_earlier_version_kept(desk: Desk) -> None:
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    keep(desk, replace(kept(desk), id=ContractId("C-9"), product="\x1b]0;pwn\x07[/] [red]R\x9b2J"))
    out = desk.type("contracts", "list").out
    assert "\\x1b]0;pwn\\x07[/] [red]R\\x9b2J" in out
    assert out.replace("\n", "").isprintable()


def test_many_contracts_are_read_and_written_together(desk: Desk) -> None:
    """However many a batch has, the journal is asked as often as for one."""
    first, *counts = [asked(desk, f"N{number}", number) for number in (1, 2, 150)]
    assert counts[0] == counts[1] >= first > 0


def asked(desk: Desk, name: str, number: int) -> int:
    """How many statements an import of so many contracts takes."""
    rows = "".join(
        OCTOBER.replace("C-1,", f"{name}-{n},").replace("F-1,", f"{name}-{n},")
        for n in range(number)
    )
    asked = list[str]()
    listener = (sa.engine.Engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    sa.event.listen(*listener)
    try:
        ran = desk.type("contracts", "import", desk.write(HEADER + rows))
    finally:
        sa.event.remove(*listener)
    assert ran.out.endswith(f"{number} new, 0 changed, 0 unchanged\n"), ran
    return len(asked)


def named(rows: str) -> str:
    """The rows with another column."""
    header, *lines = (HEADER + rows).splitlines()
    return "\n".join([f"{header},names", *lines]) + "\n"


def test_a_contracts_domains_are_kept_as_one_name_each(desk: Desk) -> None:
    row = OCTOBER.rstrip("\n") + ",www.Ejemplo.com ejemplo.com español.example\n"
    ran = desk.type("contracts", "import", desk.write(named(row)))
    assert (ran.code, ran.err) == (0, "")
    assert kept(desk).names == ("ejemplo.com", "xn--espaol-zwa.example")
    assert desk.type("name", "show", "tienda.ejemplo.com").out == "ejemplo.com: web-1\n"
    again = desk.type("contracts", "import", desk.write(named(row)))
    assert again.out.endswith("0 new, 0 changed, 1 unchanged\n")


def test_domains_need_components_beside_them(desk: Desk) -> None:
    row = OCTOBER.replace("web-1", "").rstrip("\n") + ",ejemplo.com\n"
    ran = desk.type("contracts", "import", desk.write(named(row)))
    assert ran.code == 2
    assert "2: names: wanted components beside them, got 'none'" in ran.err


def test_what_is_no_domain_is_a_mistake_of_the_file(desk: Desk) -> None:
    row = OCTOBER.rstrip("\n") + ",ejemplo\n"
    ran = desk.type("contracts", "import", desk.write(named(row)))
    assert ran.code == 2
    assert "2: names: wanted domains such as example.com, got 'ejemplo'" in ran.err


def test_every_row_of_a_contract_has_the_same_domains(desk: Desk) -> None:
    rows = OCTOBER.rstrip("\n") + ",a.example\n" + NOVEMBER.rstrip("\n") + ",b.example\n"
    ran = desk.type("contracts", "import", desk.write(named(rows)))
    assert ran.code == 2
    assert "3: names: wanted 'a.example' as in line 2, got 'b.example'" in ran.err


def addresses(desk: Desk) -> dict[str, tuple[str, str]]:
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        found = tx.clients.of(["77", "78"])
    return {client: (str(one.address), one.language) for client, one in found.items()}


def test_an_address_is_taken_beside_the_contract_and_erased_by_an_empty_cell(desk: Desk) -> None:
    header = HEADER.replace("\n", ",email,language\n")
    row = OCTOBER.replace("\n", ",{}\n")
    said = row.format("ana.perez@cliente.example,en")
    ran = desk.type("contracts", "import", desk.write(header + said))
    assert (ran.code, ran.err) == (0, "")
    assert addresses(desk) == {"77": ("ana.perez@cliente.example", "en")}
    before = kept(desk)
    # A file that says nothing of it leaves it; another address alone changes no contract.
    assert desk.type("contracts", "import", desk.write(HEADER + OCTOBER)).code == 0
    assert addresses(desk) == {"77": ("ana.perez@cliente.example", "en")}
    other = row.format("otra@cliente.example,")
    ran = desk.type("contracts", "import", desk.write(header + other))
    assert ran.out.endswith("0 new, 0 changed, 1 unchanged\n")
    assert addresses(desk) == {"77": ("otra@cliente.example", "es")}
    assert desk.type("contracts", "import", desk.write(header + row.format(","))).code == 0
    assert addresses(desk) == {}
    assert kept(desk) == before
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        assert "cliente.example" not in repr(tx.changes.since(0, 1_000))


def test_what_is_no_address_is_refused_without_repeating_it(desk: Desk) -> None:
    header = HEADER.replace("\n", ",email,language\n")
    for cell in ("ana perez@cliente.example", "ana\x07@cliente.example"):
        text = header + OCTOBER.replace("\n", f",{cell},fr\n")
        ran = desk.type("contracts", "import", desk.write(text))
        assert ran.code != 0
        assert "email" in ran.err
        assert "one of es, en" in ran.err
        assert "cliente.example" not in ran.err + ran.out


def test_a_dry_run_keeps_no_address(desk: Desk) -> None:
    header = HEADER.replace("\n", ",email\n")
    text = header + OCTOBER.replace("\n", ",ana@cliente.example\n")
    assert desk.type("contracts", "import", desk.write(text), "--dry-run").code == 0
    assert addresses(desk) == {}


def opened(desk: Desk) -> dict[str, int]:
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        found = tx.credits.opened([ContractId("C-1")])
    return {line.line_id: minor for line, minor in found.items()}


def test_what_was_credited_before_is_corrected_where_a_file_says_so(desk: Desk) -> None:
    def bring(credited: str, *options: str) -> None:
        text = HEADER + OCTOBER.replace("USD,,\n", f"USD,,{credited}\n")
        ran = desk.type("contracts", "import", desk.write(text), *options)
        assert (ran.code, ran.err) == (0, "")

    bring("10.00")
    assert opened(desk) == {"L1": 1_000}
    bring("100.00")
    assert opened(desk) == {"L1": 1_000}
    for _ in range(2):
        # The contract itself says so already.
        bring("100.00", "--correct-credited")
        assert opened(desk) == {"L1": 10_000}
    bring("1.00", "--correct-credited", "--dry-run")
    assert opened(desk) == {"L1": 10_000}
    bring("1.00", "--correct-credited")
    assert opened(desk) == {"L1": 100}
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        (first, last) = tx.changes.of_kinds(("contract.corrected",), 0)
        assert (first.before, first.after) == (
            {"invoice F-1/L1": "10.00 USD"}, {"invoice F-1/L1": "100.00 USD"},
        )  # fmt: skip
        assert last.after == {"invoice F-1/L1": "1.00 USD"}
        openings = tx.credits.openings(PostingId(""), 100)
        assert len(openings) == 3
        assert first_fault((), {posting.id: posting for posting in openings}) is None


def test_a_correction_leaves_lines_alone_that_the_file_leaves_out(desk: Desk) -> None:
    text = HEADER + OCTOBER.replace("USD,,\n", "USD,,10.00\n")
    assert desk.type("contracts", "import", desk.write(text)).code == 0
    ran = desk.type("contracts", "import", desk.write(HEADER + NOVEMBER), "--correct-credited")
    assert ran.code == 0
    with open_journal(desk.url) as journal, journal.transaction() as tx:
        found = tx.credits.opened([ContractId("C-1")])
    assert {line.invoice_id: minor for line, minor in found.items()} == {"F-1": 1_000, "F-2": 0}
