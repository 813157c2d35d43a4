"""Clients are told of their credits: what they can see, once, in their language, and no others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import Message
from email.policy import default
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
import structlog

from credits.client import ClientAddress
from credits.handling.commands import CreditCommands
from credits.life.credit import CreditId, CreditRecord, advance, begin
from credits.life.states import CreditState
from monitor.alerting.ports import ReceiverGone, ServerAway, Transient
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE
from monitor.domain.subscriptions.mail_address import read_address
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.journal.access import SqlJournal, open_journal
from monitor.subscribers.clients.dispatcher import GIVE_UP_AFTER_S, ClientDispatcher
from monitor.subscribers.clients.mails import ClientMailWriter
from monitor.subscribers.deliveries import Deliveries
from tests.credits.life.builders import by, due
from tests.credits.life.builders import credit as built
from tests.credits.test_classification import person
from tests.support.clock import FakeClock, second
from tests.support.journals import new_journal

S = CreditState
BON = CreditId("BON-2026-10-77")
ADDRESS = "ana.perez@cliente.example"
OCTOBER = Interval(second("2026-10-01T03:00:00Z"), second("2026-11-01T03:00:00Z"))
T = TypeVar("T")


@dataclass(slots=True)
class Server:
    """A mail server; `fails` is raised instead of taking the next messages."""

    taken: list[tuple[str, Message]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    async def send(self, recipient: str, mail: bytes) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.taken.append((recipient, message_from_bytes(mail, policy=default)))

    def close(self) -> None:
        """Nothing to close."""


@dataclass(slots=True)
class Post:
    folder: Path
    journal: SqlJournal
    server: Server = field(default_factory=Server)
    clock: FakeClock = field(default_factory=lambda: FakeClock.at("2026-11-05T12:00:00Z"))

    def dispatcher(self, deliveries: Deliveries) -> ClientDispatcher:
        async def on_thread(work: Callable[[], T]) -> T:
            return work()

        return ClientDispatcher(
            journal=self.journal,
            deliveries=deliveries,
            writer=ClientMailWriter(
                sender="Hosting <estado@hosting.example>", name=plain("Estado del Servicio"),
                zone=ZoneInfo("America/Argentina/Buenos_Aires"),
            ),
            connection=self.server,
            clock=self.clock,
            on_thread=on_thread,
        )  # fmt: skip

    async def round(self) -> list[tuple[str, Message]]:
        """Another process each time; what it sends."""
        before = len(self.server.taken)
        with closing(Deliveries(self.folder / "client_deliveries.db")) as deliveries:
            await self.dispatcher(deliveries).round()
        return self.server.taken[before:]

    def of(self, name: str, *roles: AccountRole) -> CreditCommands:
        return CreditCommands(journal=self.journal, clock=self.clock, actor=person(name, *roles))

    def step(self, state: CreditState, *, of: CreditId = BON) -> None:
        """As whoever applies takes it."""
        with self.journal.transaction() as tx:
            record = tx.credits.get(of)
            taken = advance(record, state, by("estado", self.clock.now()))
            tx.credits.append([record.with_step(taken)])
            change = MACHINE.change(taken.at, f"credit.{state}", of, after={"revision": taken.seq})
            tx.changes.append([change])

    def told(self, address: str | None, language: str = "es") -> None:
        found = address and ClientAddress(address=read_address(address), language=language)
        with self.journal.transaction() as tx:
            tx.clients.save({"77": found or None})

    def approved(self) -> None:
        self.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
        self.of("eva", AccountRole.BILLING).review(BON)
        self.of("luz", AccountRole.APPROVER).approve(BON)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A credit that nobody asked for yet; somebody has looked once."""
    with open_journal(new_journal(tmp_path / "journal.db")) as journal:
        made = Post(tmp_path, journal)
        keep(journal, BON)
        made.told(ADDRESS)
        yield made


def keep(journal: SqlJournal, name: CreditId, *, ordinal: int = 0, amount: str = "3.32") -> None:
    key = built().key._replace(window=OCTOBER)
    state = S.PENDING_HUMAN_APPROVAL if amount.startswith("-") else S.ELIGIBLE
    made = replace(built(due(amount), ordinal=ordinal), id=name, key=key, product="Hosting básico")
    with journal.transaction() as tx:
        tx.credits.begin([begin(replace(made, adjusts=BON if ordinal else None), state, by())])


@pytest.fixture
async def begun(post: Post) -> Post:
    assert await post.round() == []
    return post


def text(mail: Message) -> str:
    body = mail.get_body(("plain",))  # type: ignore[attr-defined]
    return " ".join(str(body.get_content()).split())


async def test_each_step_that_he_can_see_is_told_once(begun: Post) -> None:
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    ((to, received),) = await begun.round()
    assert (to, received["Subject"]) == (
        ADDRESS, "Recibimos su pedido de bonificación por Hosting básico",
    )  # fmt: skip
    assert "del 1 de octubre de 2026 al 31 de octubre de 2026" in text(received)
    assert "(ticket ABC-1)" in text(received)
    assert "USD 3,32" in text(received)
    begun.of("eva", AccountRole.BILLING).review(BON)
    assert await begun.round() == []
    begun.of("luz", AccountRole.APPROVER).approve(BON)
    ((_, approved),) = await begun.round()
    assert "saldo a favor" in text(approved)
    assert approved["References"] == received["References"]
    begun.step(S.BLOCKED_SUSPENDED)
    ((_, blocked),) = await begun.round()
    assert "cláusula 5a" in text(blocked)
    for state in (S.APPROVED, S.APPLYING):
        begun.step(state)
        assert await begun.round() == []
    begun.step(S.APPLIED)
    ((_, applied),) = await begun.round()
    assert "Acreditamos USD 3,32" in text(applied)
    assert await begun.round() == []


async def test_a_rejection_names_its_clause_and_not_what_was_noted(begun: Post) -> None:
    begun.told(ADDRESS, "en")
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    await begun.round()
    begun.of("luz", AccountRole.APPROVER).reject(BON, reason="Cliente difícil", clause="13b")
    ((_, mail),) = await begun.round()
    assert mail["Subject"] == "No credit is due for Hosting básico"
    assert "clause 13b" in text(mail)
    assert "difícil" not in mail.as_string()


async def test_a_chargeback_is_told_as_what_it_is(begun: Post) -> None:
    begun.approved()
    await begun.round()
    begun.step(S.HELD_CHARGEBACK)
    ((_, mail),) = await begun.round()
    assert "cláusula 5d" in text(mail)


@pytest.mark.parametrize(("amount", "said"), [("1.00", "más"), ("-1.00", "menos")])
async def test_an_adjustment_is_told_once_it_has_moved_money(
    begun: Post, amount: str, said: str
) -> None:
    name = CreditId("BON-2026-11-a")
    begun.approved()
    begun.step(S.APPLYING)
    begun.step(S.APPLIED)
    await begun.round()
    keep(begun.journal, name, ordinal=1, amount=amount)
    if amount == "1.00":
        begun.of("eva", AccountRole.BILLING).request(name, ticket="ABC-2", client="77")
        begun.of("eva", AccountRole.BILLING).review(name)
    begun.of("luz", AccountRole.APPROVER).approve(name)
    begun.step(S.APPLYING, of=name)
    await begun.round()
    begun.step(S.APPLIED, of=name)
    ((_, mail),) = await begun.round()
    assert f"le correspondía {said}" in text(mail)
    assert "USD 1,00" in text(mail)


async def test_what_took_the_place_of_one_that_was_never_applied_is_told_as_a_credit(
    begun: Post,
) -> None:
    """Nothing was added before: there is no difference, and nothing was counted again for him."""
    name = CreditId("BON-2026-11-a")
    begun.approved()
    begun.step(S.SUPERSEDED)
    keep(begun.journal, name, ordinal=1, amount="4.00")
    begun.of("eva", AccountRole.BILLING).request(name, ticket="ABC-1", client="77")
    begun.of("eva", AccountRole.BILLING).review(name)
    begun.of("luz", AccountRole.APPROVER).approve(name)
    begun.step(S.APPLYING, of=name)
    for _ in range(3):
        await begun.round()
    begun.step(S.APPLIED, of=name)
    ((_, mail),) = await begun.round()
    assert "la diferencia" not in text(mail)
    assert "USD 4,00" in text(mail)
    assert "ABC-1" in text(mail)


async def test_a_negative_adjustment_that_is_rejected_was_never_told_of(begun: Post) -> None:
    name = CreditId("BON-2026-11-a")
    keep(begun.journal, name, ordinal=1, amount="-1.00")
    begun.of("luz", AccountRole.APPROVER).reject(name, reason="Queda así", clause="10a")
    assert await begun.round() == []


async def test_what_nobody_asked_for_and_what_was_before_is_told_to_nobody(post: Post) -> None:
    post.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    assert await post.round() == []
    assert await post.round() == []
    post.step(S.SUPERSEDED)
    assert await post.round() == []


async def test_who_has_no_address_is_not_told_and_not_later_either(begun: Post) -> None:
    begun.told(None)
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    assert await begun.round() == []
    begun.told(ADDRESS)
    assert await begun.round() == []


async def test_what_the_server_does_not_take_is_tried_again_under_the_same_id(
    begun: Post,
) -> None:
    begun.server.fails = [ServerAway("away"), Transient("450 for the recipient")]
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-2", client="77")
    assert await begun.round() == []
    (first,) = await begun.round()
    begun.clock.advance(61)
    (second_,) = await begun.round()
    ids = {first[1]["Message-ID"], second_[1]["Message-ID"]}
    assert ids == {f"<credit.{BON}.{seq}@hosting.example>" for seq in (2, 3)}
    assert "(tickets ABC-1, ABC-2)" in " ".join(map(text, (first[1], second_[1])))


async def test_after_a_kill_before_it_was_recorded_it_is_sent_again_under_the_same_id(
    begun: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    with monkeypatch.context() as patch:
        patch.setattr(Deliveries, "record", killed)
        with pytest.raises(RuntimeError):
            await begun.round()
    (again,) = await begun.round()
    assert again[1]["Message-ID"] == begun.server.taken[0][1]["Message-ID"]
    assert await begun.round() == []


def killed(*_: object) -> None:
    raise RuntimeError("killed")


async def test_it_gives_up_after_days_and_at_once_where_there_is_no_mailbox(begun: Post) -> None:
    begun.server.fails = [ReceiverGone("550 for the mailbox")]
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-1", client="77")
    await begun.round()
    begun.clock.advance(GIVE_UP_AFTER_S)
    assert await begun.round() == []
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-2", client="77")
    begun.server.fails = [Transient("450")] * 200
    for _ in range(100):
        await begun.round()
        begun.clock.advance(3_600)
    begun.server.fails = []
    assert await begun.round() == []


async def test_an_address_stands_in_its_table_and_nowhere_else(begun: Post) -> None:
    with structlog.testing.capture_logs() as logs:
        begun.approved()
        begun.server.fails = [Transient("450"), ReceiverGone("550")]
        await begun.round()
    with begun.journal.transaction() as tx:
        changes = [repr(change) for change in tx.changes.since(0, 1_000)]
        address = tx.clients.of(["77"])["77"]
    kept = (begun.folder / "client_deliveries.db").read_bytes()
    assert ADDRESS.encode() not in kept
    assert not any(ADDRESS in said for said in [*changes, *map(str, logs), repr(address)])
    begun.told(None)
    with begun.journal.transaction() as tx:
        assert tx.clients.of(["77"]) == {}


def record_of(post: Post) -> CreditRecord:
    with post.journal.transaction() as tx:
        return tx.credits.get(BON)


def test_a_mail_is_plain_and_html_and_answers_to_nobody(post: Post) -> None:
    record = record_of(post)
    asked = record.with_step(advance(record, S.REQUESTED, by(), ticket="ABC-1"))
    writer = ClientMailWriter(sender="e@h.example", name=plain("Estado"), zone=ZoneInfo("UTC"))
    to = ClientAddress(address=read_address(ADDRESS))
    mail = writer.written(asked, asked.steps[-1], to, Second(1_790_823_600), was_paid=False)
    assert mail is not None
    found = message_from_bytes(mail, policy=default)
    assert found["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in found.iter_parts()] == ["text/plain", "text/html"]
    assert BON in text(found)


async def test_a_ticket_that_joins_what_is_decided_promises_no_decision(begun: Post) -> None:
    begun.approved()
    await begun.round()
    begun.of("eva", AccountRole.BILLING).request(BON, ticket="ABC-9", client="77")
    assert await begun.round() == []
