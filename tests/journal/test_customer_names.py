"""Customers' domains as they are stored: the list, and those of contracts that are active."""

from __future__ import annotations

from dataclasses import replace

from monitor.domain.checks.observation import ComponentId
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal
from tests.journal.test_money import contract

WEB, MAIL = ComponentId("web"), ComponentId("mail")


def test_a_list_is_read_as_it_was_stored_and_replaced(journal: SqlJournal) -> None:
    with journal.transaction() as tx:
        tx.customer_names.replace({"b.example": {MAIL, WEB}, "a.example": [WEB]})
    with journal.transaction() as tx:
        assert tx.customer_names.listed() == {"a.example": (WEB,), "b.example": (MAIL, WEB)}
        tx.customer_names.replace({})
    with journal.transaction() as tx:
        assert tx.customer_names.listed() == {}
        assert tx.customer_names.version() == 2


def test_a_contracts_names_hold_while_it_is_active(journal: SqlJournal) -> None:
    made = contract("C-1")
    terms = replace(made.terms[-1], terms=replace(made.terms[-1].terms, required=("mail", "web")))
    named = replace(
        made, names=("a.example", "b.example"), terms=(terms,),
        active=(Interval(Second(100), Second(200)),),
    )  # fmt: skip
    with journal.transaction() as tx:
        tx.contracts.save(named)
    with journal.transaction() as tx:
        assert tx.contracts.get(named.id) == named
        assert list(tx.customer_names.of_contracts(Second(100))) == [
            ("a.example", (MAIL, WEB)),
            ("b.example", (MAIL, WEB)),
        ]
        assert list(tx.customer_names.of_contracts(Second(200))) == []
        before = tx.customer_names.version()
        tx.contracts.save(replace(named, names=()))
    with journal.transaction() as tx:
        assert list(tx.customer_names.of_contracts(Second(100))) == []
        assert tx.customer_names.version() > before
