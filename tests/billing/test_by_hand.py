"""Where people carry credits: a file that works alone, confirmed by the panel's references."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from credits.billing.applier import Came
from credits.billing.fields import handed_out_fields
from credits.billing.file import carried_text, confirmed_references
from credits.handling.commands import CreditCommands
from credits.life.credit import CreditId
from monitor.billing.by_hand import PeopleByFile
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE, Actor, ActorKind, Via
from monitor.domain.refusals import Refused, Stale
from monitor.domain.time.interval import Second
from tests.billing.desk import ANA, BON, SHELL, Desk, S, one
from tests.credits.test_classification import person
from tests.support.whmcs import whmcs

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


def carried(desk: Desk) -> str:
    return carried_text(handed_out_fields(row, ZONE) for row in desk.hands().waiting())


async def test_a_credit_is_handed_out_carried_and_confirmed(desk: Desk) -> None:
    desk.keep()
    assert (await desk.apply(PeopleByFile())).came is Came.HANDED_OUT
    (row,) = csv.DictReader(io.StringIO(carried(desk)), delimiter=";")
    assert (row["credit_id"], row["amount"], row["currency"]) == (BON, "6,86", "USD")
    assert row["description"].startswith(f"[{BON}]")
    filled = carried(desk).replace(";\r\n", ";K-17\r\n")
    desk.hands().confirm(confirmed_references(filled))
    assert desk.way() == ["applying", "applied"]
    assert desk.record().steps[-1].reference == "K-17"
    assert carried(desk).count("\n") == 1
    assert desk.books_agree()


async def test_the_same_file_again_changes_nothing(desk: Desk) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    for _ in range(2):
        desk.hands().confirm({BON: "K-17"})
    assert desk.way() == ["applying", "applied"]
    with pytest.raises(Refused, match=r"credit\.no_arrow"):
        desk.hands().confirm({BON: "K-18"})


async def test_a_file_of_which_one_row_is_wrong_confirms_nothing(desk: Desk) -> None:
    for n in range(2):
        desk.keep(one(n=n))
    await desk.applier(PeopleByFile()).apply(ANA)
    with pytest.raises(Refused, match=r"credit\.unknown"):
        desk.hands().confirm({BON: "K-1", "BON-2026-04-99-0": "K-2"})
    assert desk.state() is S.APPLYING


async def test_it_is_handed_out_once_and_a_dead_process_loses_nothing(desk: Desk) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    before = carried(desk)
    assert not await desk.applier(PeopleByFile()).apply(ANA)
    assert not await desk.recover()
    assert carried(desk) == before
    assert desk.state() is S.APPLYING


async def test_who_did_not_carry_it_gives_it_back(desk: Desk) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    desk.hands().release(BON, reason="No se importó el archivo")
    assert desk.way() == ["applying", "apply_unknown", "approved"]
    assert (await desk.apply(PeopleByFile())).came is Came.HANDED_OUT
    assert desk.books_agree()


async def test_neither_the_machine_nor_a_stranger_says_what_came_of_it(desk: Desk) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    reader = Actor(id="eva", kind=ActorKind.TOKEN, via=Via.API, scopes=frozenset({"credits:read"}))
    bounded = replace(ANA, services=frozenset())
    for actor in (MACHINE, SHELL, reader, bounded):
        with pytest.raises(Refused):
            desk.hands(actor).confirm({BON: "K-17"})
        with pytest.raises(Refused):
            desk.hands(actor).release(BON, reason="no")
    assert desk.state() is S.APPLYING


async def test_a_release_of_what_was_seen_otherwise_is_refused(desk: Desk) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    with pytest.raises(Stale):
        desk.hands().release(BON, reason="no", revision=4)


def test_what_nobody_asked_the_panel_for_is_not_released(desk: Desk) -> None:
    desk.keep()
    with pytest.raises(Refused, match=r"credit\.not_unknown"):
        desk.hands().release(BON, reason="no")
    with pytest.raises(Refused, match=r"credit\.no_arrow"):
        desk.hands().confirm({BON: "K-1"})


@pytest.mark.parametrize("reference", ["", "   ", "x" * 201, "K\x1b[2J", "a\nb"])
async def test_a_reference_is_one_plain_line(desk: Desk, reference: str) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    with pytest.raises(Refused, match=r"text\.not_plain"):
        desk.hands().confirm({BON: reference})


@pytest.mark.parametrize(
    "text", ["", "a;b\n1;2\n", "credit_id;reference\nB;1\nB;2\n", 'credit_id;reference\nB;"1\n'],
    ids=["empty", "columns", "twice", "quote"],
)  # fmt: skip
def test_another_file_confirms_nothing(text: str) -> None:
    if not text:
        assert confirmed_references(text) == {}
        return
    with pytest.raises(Refused, match=r"applying\.file"):
        confirmed_references(text)


def test_a_file_with_commas_is_read_too_and_empty_references_are_left_out() -> None:
    text = "reference,credit_id\nK-1,B-1\n,B-2\n"
    assert confirmed_references(text) == {"B-1": "K-1"}


async def test_a_cell_is_no_formula(desk: Desk) -> None:
    credit = replace(one(), service_id="=1+1")
    desk.keep(credit)
    await desk.apply(PeopleByFile())
    assert ";'=1+1;" in carried(desk)


async def test_a_month_is_applied_alone_where_it_is_named(desk: Desk) -> None:
    desk.keep(replace(one(), period="2026-04"))
    desk.keep(replace(one(n=1), period="2026-05"))
    (outcome,) = await desk.applier(PeopleByFile()).apply(ANA, "2026-05")
    assert outcome.credit == CreditId("BON-2026-04-77-1")
    assert desk.clock.now() > Second(0)


def join(desk: Desk) -> None:
    """A second ticket of the same client, while the credit is on its way."""
    actor = person("eva", AccountRole.BILLING)
    commands = CreditCommands(journal=desk.journal, clock=desk.clock, actor=actor)
    commands.request(BON, ticket="ABC-2", client="77")


async def test_a_ticket_that_joins_meanwhile_takes_nothing_out_of_the_file(desk: Desk) -> None:
    desk.keep()
    await desk.apply(PeopleByFile())
    join(desk)
    assert BON in carried(desk)
    desk.hands().confirm({BON: "K-17"})
    assert desk.state() is S.APPLIED
    assert desk.books_agree()


def test_what_a_panel_answers_holds_though_a_ticket_joined_meanwhile(desk: Desk) -> None:
    desk.keep()
    claimed = desk.steps.claim(desk.record(), "whmcs", ANA)
    join(desk)
    desk.steps.close(claimed, S.APPLIED, "4711", "")
    assert desk.state() is S.APPLIED


async def test_that_another_panel_has_it_not_proves_nothing(desk: Desk) -> None:
    desk.keep()
    claimed = desk.steps.claim(desk.record(), "another", ANA)
    desk.steps.close(claimed, S.APPLY_UNKNOWN, "", "no answer")
    async with whmcs() as there:
        found = await desk.search(desk.panel(there))
    assert (found.came, found.detail) == (Came.NOT_READ, "it was asked of another")
