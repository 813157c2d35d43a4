"""What a file of contracts may not say, each with its line, all of it at once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import time_machine

from credits.contracts.import_file import ContractsImport
from credits.money import MINOR_UNITS
from monitor.domain.refusals import Refused
from monitor.journal.access import open_journal
from monitor.roles.catalogues.revisions import RevisionReader
from monitor.roles.tools import operator
from tests.credits.desk import CONFIG, Desk
from tests.credits.test_contracts import HEADER, NOVEMBER, OCTOBER, kept
from tests.support.clock import FakeClock, second

BUNDLE = OCTOBER.replace("USD,,", "USD,0.6,")
OTHER = BUNDLE.replace("C-1", "C-2")


def refused(desk: Desk, rows: str, encoding: str = "utf-8") -> list[str]:
    file = desk.write(HEADER + rows, encoding=encoding)
    ran = desk.type("contracts", "import", file)
    assert ran.code == 2
    *told, last = ran.err.splitlines()
    assert last == "Nothing was kept."
    return [line.removeprefix(f"{file}:") for line in told]


def accepted(desk: Desk, rows: str) -> None:
    ran = desk.type("contracts", "import", desk.write(HEADER + rows))
    assert (ran.code, ran.err) == (0, "")


def test_an_invoice_line_is_sold_once_over_all_contracts_of_a_file(desk: Desk) -> None:
    assert refused(desk, BUNDLE + OTHER) == [
        "3: weight: wanted weights of at most 1 together for invoice line F-1/L1,"
        " got '1.2: 0.6 of C-1, 0.6 of C-2'"
    ]
    accepted(desk, BUNDLE + OTHER.replace("0.6", "0.4"))


def test_an_invoice_line_is_sold_once_over_all_imports(desk: Desk) -> None:
    accepted(desk, BUNDLE)
    (told,) = refused(desk, OTHER)
    assert "got '1.2: 0.6 of C-2, 0.6 of C-1'" in told
    accepted(desk, OTHER.replace("F-1", "F-7"))
    accepted(desk, BUNDLE.replace("0.6", "0.3"))


def test_a_line_is_not_paid_twice_for_the_same_time(desk: Desk) -> None:
    twice = NOVEMBER.replace("2026-11-01", "2026-10-20")
    wanted = (
        "period_start: wanted one invoice at a time for line 'L1': F-1 has"
        " 2026-10-01T00:00:00-03:00/2026-11-01T00:00:00-03:00,"
        " got 'F-2 2026-10-20T00:00:00-03:00/2026-12-01T00:00:00-03:00'"
    )
    assert refused(desk, OCTOBER + twice) == [f"3: {wanted}"]
    accepted(desk, OCTOBER)
    assert refused(desk, twice) == [f"2: {wanted}"]
    accepted(desk, OCTOBER + twice.replace("F-2,L1", "F-2,L2"))


def test_an_invoice_lies_within_the_life_of_its_contract(desk: Desk) -> None:
    late = OCTOBER.replace("2026-01-10,,", "2026-01-10,2026-09-15,")
    assert refused(desk, late) == [
        "2: period_start: wanted a period within the contract's life"
        " (2026-01-10T00:00:00-03:00/2026-09-15T00:00:00-03:00),"
        " got '2026-10-01T00:00:00-03:00/2026-11-01T00:00:00-03:00'"
    ]
    accepted(desk, late.replace("2026-09-15", "2026-10-02"))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("USDD", "a currency of ISO 4217, perhaps 'USD'"),
        ("usd", "a currency of ISO 4217, perhaps 'USD'"),
        ("XAU", "a currency of ISO 4217"),
        ("$", "a currency of ISO 4217"),
    ],
)
def test_a_currency_is_one_of_iso_4217(desk: Desk, code: str, said: str) -> None:
    (told,) = refused(desk, OCTOBER.replace("USD", code))
    assert told.startswith(f"2: currency: wanted {said}")


def test_dinars_have_three_digits_and_the_import_takes_them(desk: Desk) -> None:
    accepted(desk, OCTOBER.replace("1234.56,USD", "19.990,KWD"))
    (segment,) = kept(desk).segments
    assert str(segment.net) == "19.990 KWD"
    assert refused(desk, OCTOBER.replace("1234.56,USD", "19.9901,KWD")) == [
        "2: net: wanted at most 3 decimals in KWD, got '19.9901'"
    ]


def test_the_nearest_id_is_suggested(desk: Desk) -> None:
    rows = OCTOBER.replace("standard", "standrad").replace("C-1", "C-0")
    assert refused(desk, rows + OCTOBER.replace("web-1", "wep-1").replace("F-1", "F-9")) == [
        "2: terms: wanted terms of the configuration (standard), perhaps 'standard',"
        " got 'standrad'",
        "3: components: wanted components of the configuration, perhaps 'web-1', got 'wep-1'",
    ]


def test_what_excel_saved_in_its_own_letters_is_told_with_its_line(desk: Desk) -> None:
    plain = NOVEMBER.replace("básico", "basico").replace("C-1", "C-3")
    bad = OCTOBER.replace("USD", "usd").replace("C-1", "C-4").replace("F-1", "F-8")
    told = refused(desk, plain + OCTOBER + bad.replace("básico", "basico"), encoding="cp1252")
    assert told == [
        "3: product: wanted UTF-8: save as UTF-8 (in Excel: CSV UTF-8), got 'Hosting b\\xe1sico'",
        "4: currency: wanted a currency of ISO 4217, perhaps 'USD', got 'usd'",
    ]


def test_a_file_in_sixteen_bits_is_told_so(desk: Desk) -> None:
    file = desk.write(HEADER + OCTOBER, encoding="utf-16")
    ran = desk.type("contracts", "import", file)
    said = "line 1: wanted UTF-8: save as UTF-8 (in Excel: CSV UTF-8)"
    assert (ran.code, ran.err) == (2, f"{file}: {said}\n")


def test_everything_wrong_with_a_header_is_told_at_once(desk: Desk) -> None:
    header = HEADER.replace("client_id", "cliente").replace("weight", "wieght")
    ran = desk.type("contracts", "import", desk.write(header + OCTOBER))
    assert [line.partition("line 1: ")[2] for line in ran.err.splitlines()] == [
        "wanted the columns client_id, got none of that name",
        "wanted a known column, perhaps 'client_id', got 'cliente'",
        "wanted a known column, perhaps 'weight', got 'wieght'",
    ]


def test_a_quote_that_nobody_closed_hides_no_earlier_mistake(desk: Desk) -> None:
    told = refused(desk, OCTOBER.replace("USD", "US") + NOVEMBER.replace("77", '"77'))
    assert told[0].startswith("2: currency:")
    assert "what follows was not read" in told[1]


def test_the_difference_is_printed_in_local_time(desk: Desk) -> None:
    out = desk.type("contracts", "import", desk.write(HEADER + OCTOBER)).out
    assert "1234.56 USD for 2026-10-01T00:00:00-03:00/2026-11-01T00:00:00-03:00" in out
    assert "active: 2026-01-10T00:00:00-03:00/open" in out
    assert "Z" not in out


def test_what_left_the_configuration_may_be_imported_again(desk: Desk) -> None:
    accepted(desk, OCTOBER)
    left = CONFIG.replace("web-1", "web-2")
    desk.publish(left, second("2026-11-03T03:00:00Z"))
    ran = desk.type("contracts", "import", desk.write(HEADER + OCTOBER))
    assert (ran.code, ran.out) == (0, "0 new, 0 changed, 1 unchanged\n")


def test_the_table_of_currencies_is_that_of_iso_4217() -> None:
    assert (MINOR_UNITS["KWD"], MINOR_UNITS["JPY"], MINOR_UNITS["CLF"]) == (3, 0, 4)
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)


EVIL = ("\x1b[2J", "\x1b]0;pwn\x07", "\x9b2J", "\x7f", "a\nb", "a\u2028b", "\u202e1-C")


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("contract_id", "C-1"),
        ("client_id", "77"),
        ("product", "Hosting básico"),
        ("components", "web-1"),
        ("invoice_id", "F-1"),
        ("invoice_line_id", "L1"),
    ],
)
def test_a_cell_that_gives_a_terminal_orders_is_refused(desk: Desk, column: str, cell: str) -> None:
    told = refused(desk, "".join(OCTOBER.replace(cell, f'"{cell}{evil}x"') for evil in EVIL))
    wanted = f": {column}: wanted one line without control characters, got "
    assert sum(wanted in line for line in told) == len(EVIL)
    assert all(line.isprintable() for line in told)


def test_letters_of_every_script_and_hard_spaces_are_kept(desk: Desk) -> None:
    accepted(desk, OCTOBER.replace("Hosting básico", "Ñandú\u00a0ﻢﺣﺭ \U0001f469\u200d\U0001f4bb"))


WRONG = ("1_0_0", "١٠٠", "1e30", "+100", "0x10", "100.", ".5", "１００")  # noqa: RUF001


@pytest.mark.parametrize("column", ["net", "weight", "already_credited"])
def test_a_number_is_written_as_an_invoice_has_it(desk: Desk, column: str) -> None:
    plain = {"net": "1234.56", "weight": "1", "already_credited": "0"}
    rows = [
        OCTOBER.replace("C-1", f"C-{at}").replace(
            "1234.56,USD,,", "{net},USD,{weight},{already_credited}".format(
                **plain | {column: number}
            )
        )
        for at, number in enumerate(WRONG)
    ]  # fmt: skip
    wanted = "wanted a decimal number of at least 0"
    assert refused(desk, "".join(rows))[: len(WRONG)] == [
        f"{at + 2}: {column}: {wanted}, got {number!r}" for at, number in enumerate(WRONG)
    ]


def test_a_price_that_nobody_pays_is_refused(desk: Desk) -> None:
    (told,) = refused(desk, OCTOBER.replace("1234.56", "1" + "0" * 30))
    assert told.startswith("2: net: wanted a price of at most 1000000000000, got '1000")
    accepted(desk, OCTOBER.replace("1234.56", "999999999999.99"))


def test_no_more_was_credited_than_paid(desk: Desk) -> None:
    assert refused(desk, OCTOBER.replace("USD,,", "USD,,1234.57")) == [
        "2: already_credited: wanted at most what was paid (1234.56), got '1234.57'"
    ]
    accepted(desk, OCTOBER.replace("USD,,", "USD,,1234.56"))


def test_no_part_of_a_cent_was_credited(desk: Desk) -> None:
    """The ledger has whole minor units."""
    assert refused(desk, OCTOBER.replace("USD,,", "USD,,12.505")) == [
        "2: already_credited: wanted at most 2 decimals in USD, got '12.505'"
    ]
    accepted(desk, OCTOBER.replace("USD,,", "USD,,12.50"))


PAID = HEADER.replace("already_credited", "already_credited,paid_at")


def test_an_invoice_was_not_paid_in_a_time_to_come(desk: Desk) -> None:
    def typed(paid: str) -> tuple[int, str]:
        file = desk.write(PAID + OCTOBER.replace(",,\n", f",,,{paid}\n"))
        with time_machine.travel("2026-11-05T12:00:00Z", tick=False):
            ran = desk.type("contracts", "import", file)
        return ran.code, ran.err.removeprefix(f"{file}:")

    refusal = "2: paid_at: wanted a time that has come, got {!r}\nNothing was kept.\n"
    assert typed("2099-01-01") == (2, refusal.format("2099-01-01"))
    assert typed("2026-11-05T09:00:01") == (2, refusal.format("2026-11-05T09:00:01"))
    assert typed("2026-11-05") == (0, "")


@pytest.mark.parametrize("year", ["0001", "0026", "1969"])
def test_a_year_before_there_was_hosting_is_a_mistyped_one(desk: Desk, year: str) -> None:
    (told,) = refused(desk, OCTOBER.replace("2026-01-10", f"{year}-01-10"))
    assert told.startswith("2: active_from: wanted a date such as 2026-10-01")
    suspended = OCTOBER.replace("2026-01-10,,", f"2026-01-10,,{year}-01-01/2026-02-01")
    assert refused(desk, suspended)[0].startswith("2: suspended: wanted start/end")


def test_what_changed_between_check_and_storing_is_told(desk: Desk, tmp_path: Path) -> None:
    """Checked against one journal and stored into another, in which somebody was faster."""
    desk.type("contracts", "import", desk.write(HEADER + OCTOBER.replace("F-1", "F-9")))
    (tmp_path / "before").mkdir()
    before, text = Desk(tmp_path / "before"), HEADER + OCTOBER
    with open_journal(before.url) as reading, open_journal(desk.url) as writing:
        command = ContractsImport(
            reading=reading, writing=writing, catalogues=RevisionReader(writing).read(),
            clock=FakeClock(second("2026-11-05T12:00:00Z")), actor=operator(),
        )  # fmt: skip
        with pytest.raises(Refused) as raised:
            command.run(lambda: io.StringIO(text), dry_run=False)
    assert raised.value.code == "contracts.changed"
    assert [s.key for s in kept(desk).segments] == [("F-9", "L1")]


def test_the_currency_of_a_line_stays_what_it_was(desk: Desk) -> None:
    assert desk.type("contracts", "import", desk.write(HEADER + OCTOBER)).code == 0
    other = OCTOBER.replace("1234.56,USD", "1234.56,ARS")
    ran = desk.type("contracts", "import", desk.write(HEADER + other))
    assert ran.code != 0
    assert "currency" in ran.err
    assert "USD as imported before" in ran.err
    assert desk.type("contracts", "import", desk.write(HEADER + OCTOBER)).out.endswith(
        "0 new, 0 changed, 1 unchanged\n"
    )
