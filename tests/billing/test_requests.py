"""What people ask of the core by way of the journal, and what it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from credits.billing.brake import BrakeCommands
from credits.billing.fields import pass_fields
from credits.billing.requests import ApplyingRequests, PassState, Task, pending_pass
from credits.life.credit import Credit, CreditId
from monitor.billing.by_hand import ByHandSpec
from monitor.billing.whmcs.spec import WhmcsSpec
from monitor.domain.catalogue import Billing, Catalogue, Page
from monitor.domain.change import Actor, ActorKind, Via
from monitor.domain.refusals import NotFound, Refused
from monitor.domain.text import Text
from monitor.roles.core.money.billing import AFTER_A_FAULT_S, EVERY_S, CoreBilling
from tests.billing.desk import ANA, BON, SETTLE, SHELL, Desk, S, on_thread, one
from tests.support.tokens import token_file
from tests.support.whmcs import IDENTIFIER, SECRET, Fields, Whmcs, whmcs

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")


class Core:
    """The core's share, with a configuration that a test sets."""

    def __init__(self, desk: Desk, billing: Billing) -> None:
        self.billing = billing
        self.desk = desk
        self.part = CoreBilling(desk.journal, desk.clock, self._catalogue)

    def _catalogue(self) -> Catalogue:
        page = Page(name=Text({"es": "E"}), company="E", url="https://e.example/")
        return Catalogue(zone=ZONE, page=page, billing=self.billing)

    async def round(self, seconds: float = 2) -> None:
        self.desk.clock.advance(seconds)
        await self.part.follow(on_thread)


def of_whmcs(
    desk: Desk, there: Whmcs, *, dry_run: bool = False, by_itself: bool = False
) -> Billing:
    spec = WhmcsSpec(
        url=there.url,
        identifier=token_file(desk.folder, IDENTIFIER, "identifier"),
        secret=token_file(desk.folder, SECRET, "secret"),
        dry_run=dry_run,
    )
    return Billing(kind="whmcs", spec=spec, by_itself=by_itself, settle_s=SETTLE)


def requests(desk: Desk, actor: Actor = ANA) -> ApplyingRequests:
    return ApplyingRequests(journal=desk.journal, clock=desk.clock, actor=actor)


async def test_the_core_applies_what_a_person_has_asked_for_and_says_what_came_of_it(
    desk: Desk,
) -> None:
    desk.keep()
    core = Core(desk, Billing(kind="csv", spec=ByHandSpec()))
    await core.round()
    assert desk.way() == []
    asked = requests(desk).ask(Task.APPLY, "2026-04")
    assert asked.state is PassState.PENDING
    await core.round()
    found = pass_fields(requests(desk).show(asked.id), ZONE)
    assert found["state"] == "done"
    assert found["counts"] == {"handed_out": 1}
    (one,) = found["listed"]
    assert (one["credit_id"], one["came"], one["detail"]) == (BON, "handed_out", "")
    assert (one["client_id"], one["amounts"]) == ("77", [{"currency": "USD", "amount": "6.86"}])
    assert desk.record().steps[-1].actor == "ana"
    assert desk.record().steps[-1].via is Via.API


async def test_one_request_waits_at_a_time(desk: Desk) -> None:
    requests(desk).ask(Task.RECONCILE)
    with pytest.raises(Refused, match=r"applying\.pending"):
        requests(desk).ask(Task.APPLY)


async def test_a_request_outlives_a_core_that_dies_on_it(desk: Desk) -> None:
    desk.keep()
    asked = requests(desk).ask(Task.APPLY)
    await Core(desk, Billing()).round()
    assert requests(desk).show(asked.id).state is PassState.DONE
    with desk.journal.transaction() as tx:
        assert pending_pass(tx) is None


async def test_only_who_may_apply_asks(desk: Desk) -> None:
    eva = Actor(id="eva", kind=ActorKind.PERSON, via=Via.API, scopes=frozenset({"credits:read"}))
    with pytest.raises(Refused, match=r"scope\.missing"):
        requests(desk, eva).ask(Task.APPLY)
    with pytest.raises(Refused, match=r"scope\.every_service"):
        requests(desk, replace(ANA, services=frozenset())).ask(Task.APPLY)
    with pytest.raises(Refused, match=r"account\.needed"):
        requests(desk, SHELL).ask(Task.APPLY)
    with pytest.raises(Refused, match=r"applying\.month"):
        requests(desk).ask(Task.APPLY, "2026-13")
    with pytest.raises(NotFound, match=r"applying\.no_request"):
        requests(desk).show(1)


async def test_a_rehearsal_that_a_person_asks_for_applies_nothing(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        asked = requests(desk).ask(Task.REHEARSE)
        await Core(desk, of_whmcs(desk, there)).round()
        assert pass_fields(requests(desk).show(asked.id), ZONE)["counts"] == {"would_apply": 1}
        assert not there.calls("AddCredit")
    assert desk.way() == []


async def test_nothing_goes_by_itself_unless_the_configuration_says_so(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        core = Core(desk, of_whmcs(desk, there))
        await core.round(600)
        assert desk.way() == []
        core.billing = of_whmcs(desk, there, by_itself=True)
        await core.round()
        assert desk.state() is S.APPLIED
    assert desk.record().steps[-2].actor == "estado"


async def test_a_panel_that_cannot_be_used_is_an_answer_too(desk: Desk) -> None:
    asked = requests(desk).ask(Task.APPLY)
    await Core(desk, Billing(kind="gone", spec={})).round()
    found = requests(desk).show(asked.id)
    assert found.state is PassState.FAILED
    assert "cannot be used" in str(found.outcome["failed"])


async def test_a_fault_of_a_panel_is_an_answer_and_ends_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same task decides nothing, but its end would be the end of who does."""
    desk.keep()

    async def broken(*_: object) -> str:
        raise ZeroDivisionError

    async with whmcs() as there:
        core = Core(desk, of_whmcs(desk, there))
        with monkeypatch.context() as patched:
            patched.setattr("monitor.billing.whmcs.panel.WhmcsPanel.apply", broken)
            asked = requests(desk).ask(Task.APPLY)
            with capture_logs() as told:
                await core.round()
        found = requests(desk).show(asked.id)
        assert found.state is PassState.FAILED
        assert "ZeroDivisionError" in str(found.outcome["failed"])
        assert [line["event"] for line in told].count("billing.failed") == 1
        assert desk.state() is S.APPLYING
        await core.round()
    assert desk.state() is S.APPLY_UNKNOWN
    assert desk.books_agree()


async def test_no_fault_ends_the_task(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)
        if len(rested) == 4:
            raise asyncio.CancelledError

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    core = Core(desk, Billing())
    monkeypatch.setattr("monitor.roles.core.money.billing.asyncio.sleep", rest)
    monkeypatch.setattr("monitor.roles.core.money.billing.pending_pass", broken)
    with capture_logs(), pytest.raises(asyncio.CancelledError):
        await core.part.run(on_thread)
    assert rested == [AFTER_A_FAULT_S, EVERY_S, AFTER_A_FAULT_S, EVERY_S]


async def test_what_is_unknown_is_searched_for_each_minute_and_then_less_often(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:

        async def swallow(fields: dict[str, str]) -> None:
            if fields["action"] == "AddCredit":
                raise ConnectionResetError

        there.fault = swallow
        core = Core(desk, of_whmcs(desk, there))
        requests(desk).ask(Task.APPLY)
        await core.round()
        assert desk.state() is S.APPLY_UNKNOWN
        assert core.part.unanswered == 1
        before = len(there.calls("GetCredits"))
        for _ in range(10):
            await core.round(30)
        assert len(there.calls("GetCredits")) - before == 5
        await core.round(SETTLE)
        before = len(there.calls("GetCredits"))
        for _ in range(20):
            await core.round(60)
        assert len(there.calls("GetCredits")) - before == 2
        await core.round(86_400)
        before = len(there.calls("GetCredits"))
        await core.round(600)
        assert len(there.calls("GetCredits")) == before


async def test_what_a_person_has_released_is_searched_for_no_more(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:

        async def swallow(fields: dict[str, str]) -> None:
            if fields["action"] == "AddCredit":
                raise ConnectionResetError

        there.fault = swallow
        core = Core(desk, of_whmcs(desk, there))
        requests(desk).ask(Task.APPLY)
        await core.round()
        await core.round(SETTLE + 1)
        desk.hands().release(BON, reason="no está")
        await core.round(600)
        asked = len(there.asked)
        for _ in range(5):
            await core.round(600)
        assert len(there.asked) == asked
        there.fault = None
        requests(desk).ask(Task.APPLY)
        await core.round()
    assert desk.state() is S.APPLIED
    assert desk.books_agree()


async def test_a_bad_night_is_applied_whole_and_the_thread_is_free_between(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No piece of work reads more than a page: decisions wait on that thread."""
    monkeypatch.setattr("credits.billing.steps._PAGE", 2)
    for n in range(5):
        desk.keep(one(n=n))
    asked = requests(desk).ask(Task.APPLY)
    await Core(desk, Billing(kind="csv", spec=ByHandSpec())).round()
    found = pass_fields(requests(desk).show(asked.id), ZONE)
    assert found["counts"] == {"handed_out": 5}
    await Core(desk, Billing(kind="csv", spec=ByHandSpec())).round()
    assert len(list(desk.hands().waiting())) == 5


async def test_a_core_that_has_begun_goes_on_with_what_the_one_before_did_not_know(
    desk: Desk,
) -> None:
    desk.keep()
    claimed = desk.steps.claim(desk.record(), "whmcs", ANA)
    desk.steps.close(claimed, S.APPLY_UNKNOWN, "", "504")
    async with whmcs() as there:
        there.log.append({"id": "8", "clientid": "77", "description": f"[{BON}]", "amount": "6.86"})
        core = Core(desk, of_whmcs(desk, there))
        await core.round()
    assert desk.state() is S.APPLIED
    assert core.part.unanswered == 0


async def test_a_call_of_a_core_that_died_is_searched_for_and_not_made_again(desk: Desk) -> None:
    desk.keep()
    async with whmcs() as there:
        desk.steps.claim(desk.record(), "whmcs", ANA)
        there.log.append({"id": "8", "clientid": "77", "description": f"[{BON}]", "amount": "6.86"})
        await Core(desk, of_whmcs(desk, there)).round()
    assert desk.way() == ["applying", "apply_unknown", "applied"]
    assert not there.calls("AddCredit")
    assert desk.record().steps[-2].reason == "the process that asked has ended"


async def test_customers_that_cannot_be_read_keep_nobody_behind_them_waiting(desk: Desk) -> None:
    names = [desk.keep(of_client(70 + n)) for n in range(5)]
    lost = {desk.record(name).credit.client_id for name in names[:3]}
    async with whmcs() as there:
        stocked(desk, there, names)

        async def unreadable(fields: Fields) -> web.StreamResponse | None:
            is_lost = fields["action"] == "GetClientsDetails" and fields["clientid"] in lost
            return web.Response(text="<html>") if is_lost else None

        there.fault = unreadable
        core = Core(desk, of_whmcs(desk, there, by_itself=True))
        await core.round(600)
        assert [desk.state(name) for name in names] == [S.APPROVED] * 5
        await core.round(600)
        assert [desk.state(name) for name in names] == [S.APPROVED] * 3 + [S.APPLIED] * 2
        there.fault = None
        await core.round(600)
    assert {desk.state(name) for name in names} == {S.APPLIED}


def brake(desk: Desk, actor: Actor = ANA) -> BrakeCommands:
    return BrakeCommands(journal=desk.journal, clock=desk.clock, actor=actor)


async def test_the_brake_stops_a_pass_that_is_under_way_between_two_credits(desk: Desk) -> None:
    names = [desk.keep(one(n=n)) for n in range(3)]
    asked = requests(desk).ask(Task.APPLY)
    async with whmcs() as there:
        stocked(desk, there, names)

        async def pull(fields: Fields) -> None:
            if fields["action"] == "AddCredit":
                await on_thread(lambda: brake(desk, SHELL).pause("Importes raros"))

        there.fault = pull
        core = Core(desk, of_whmcs(desk, there))
        await core.round()
        found = pass_fields(requests(desk).show(asked.id), ZONE)
        assert found["counts"] == {"applied": 1, "not_reached": 2}
        assert len(there.calls("AddCredit")) == 1
        with pytest.raises(Refused, match=r"applying\.paused"):
            requests(desk).ask(Task.APPLY)
        with pytest.raises(Refused, match=r"account\.needed"):
            brake(desk, SHELL).resume("ya")
        assert brake(desk).show().reason == "Importes raros"
        assert not brake(desk).resume("Eran correctos").is_on
        there.fault = None
        requests(desk).ask(Task.APPLY)
        await core.round()
    assert {desk.state(name) for name in names} == {S.APPLIED}


async def test_the_brake_holds_what_goes_by_itself_and_lets_a_rehearsal_and_a_search_go_on(
    desk: Desk,
) -> None:
    name = desk.keep()
    brake(desk).pause("Auditoría")
    async with whmcs() as there:
        stocked(desk, there, [name])
        core = Core(desk, of_whmcs(desk, there, by_itself=True))
        await core.round(600)
        assert there.asked == []
        asked = requests(desk).ask(Task.REHEARSE)
        await core.round()
    assert pass_fields(requests(desk).show(asked.id), ZONE)["counts"] == {"would_apply": 1}
    with pytest.raises(Refused, match=r"applying\.paused"):
        desk.steps.claim(desk.record(name), "whmcs", ANA)


async def test_dry_run_in_the_configuration_stops_a_pass_that_is_under_way(desk: Desk) -> None:
    names = [desk.keep(one(n=n)) for n in range(3)]
    asked = requests(desk).ask(Task.APPLY)
    async with whmcs() as there:
        stocked(desk, there, names)
        core = Core(desk, of_whmcs(desk, there))

        async def rehearse(fields: Fields) -> None:
            if fields["action"] == "AddCredit":
                core.billing = of_whmcs(desk, there, dry_run=True)

        there.fault = rehearse
        await core.round()
        found = pass_fields(requests(desk).show(asked.id), ZONE)
        assert found["counts"] == {"applied": 1, "not_reached": 2}
        assert len(there.calls("AddCredit")) == 1


async def test_a_core_that_ends_finishes_the_one_call_that_is_under_way(desk: Desk) -> None:
    names = [desk.keep(one(n=n)) for n in range(3)]
    requests(desk).ask(Task.APPLY)
    async with whmcs() as there:
        stocked(desk, there, names)
        core = Core(desk, of_whmcs(desk, there))
        running = asyncio.create_task(core.part.run(on_thread))

        async def end(fields: Fields) -> None:
            if fields["action"] == "AddCredit":
                running.cancel()

        there.fault = end
        with pytest.raises(asyncio.CancelledError):
            await running
    assert sorted(desk.state(name) for name in names) == [S.APPLIED, S.APPROVED, S.APPROVED]
    assert desk.books_agree()


async def test_what_people_have_decided_about_is_unanswered_no_more(desk: Desk) -> None:
    """Also where the panel is not searched any more, or people carry the file."""
    name = desk.keep()
    claimed = desk.steps.claim(desk.record(), "whmcs", ANA)
    desk.steps.close(claimed, S.APPLY_UNKNOWN, "", "504")
    core = Core(desk, Billing(kind="csv", spec=ByHandSpec()))
    await core.round()
    assert core.part.unanswered == 1
    desk.hands().confirm({name: "K-17"})
    await core.round(60)
    assert core.part.unanswered == 0


def of_client(number: int) -> Credit:
    """With a service and an invoice of its own."""
    made = one(client=str(number))
    lines = tuple(replace(line, invoice_id=f"90{number}") for line in made.lines)
    return replace(made, service_id=f"5{number}", lines=lines)


def stocked(desk: Desk, there: Whmcs, names: Sequence[CreditId]) -> None:
    """A panel that knows the customers, services and invoices of these credits."""
    for name in names:
        known = desk.record(name).credit
        there.add_client(known.client_id)
        for line in known.lines:
            there.add_paid(known.client_id, known.service_id, line.invoice_id)
