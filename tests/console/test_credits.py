"""Credits at the console: what waits first, a credit with its story, and the buttons of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from credits.billing.payment import SearchResult
from credits.billing.steps import ApplyingSteps
from credits.life.applying import Found
from credits.life.credit import CreditId, begin
from credits.life.states import CreditState
from monitor.domain.accounts.permissions import AccountRole
from monitor.domain.change import MACHINE
from tests.api.service import Service
from tests.console.visitor import Seen, Visitor
from tests.credits.handling.counter import owed
from tests.credits.life.builders import by, due

BILLING, APPROVER = AccountRole.BILLING, AccountRole.APPROVER
BON, OTHER = "BON-2026-10-1", "BON-2026-10-2"
PATH = f"/credits/{BON}"


@pytest.fixture
def shop(visitor: Visitor) -> Visitor:
    open_credits(visitor.service)
    return visitor


def open_credits(service: Service) -> None:
    with service.world.journal.transaction() as tx:
        credits = [owed(), owed(OTHER, client="78", contract="C-2", lines=(due("1.50"),))]
        tx.credits.begin([begin(one, CreditState.ELIGIBLE, by("estado")) for one in credits])


async def does(
    visitor: Visitor, what: str, fields: Mapping[str, str | Sequence[str]], path: str = PATH
) -> Seen:
    """With the revision that the page has."""
    revision = (await visitor.get(path)).field("revision")
    return await visitor.post(f"{path}/{what}", {"revision": revision, **fields})


async def reviewed(visitor: Visitor, path: str = PATH, client: str = "77") -> None:
    asked = await does(visitor, "request", {"ticket": f"t-{client}", "client": client}, path)
    assert asked.location == f"{path}?done=credit_requested"
    assert (await does(visitor, "review", {}, path)).location == f"{path}?done=credit_reviewed"


async def other(visitor: Visitor, *roles: AccountRole) -> Visitor:
    found = Visitor(visitor.service)
    await found.sign_in(*roles)
    return found


def state(visitor: Visitor, name: str = BON) -> str:
    with visitor.service.world.journal.transaction() as tx:
        return str(tx.credits.get(CreditId(name)).state)


async def test_one_asks_and_takes_up_and_another_approves(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    await reviewed(shop)
    own = await shop.get(PATH)
    assert "En revisión" in own.words
    assert "Espera la decisión de un aprobador" in own.words
    assert f'action="{PATH}/decision"' not in own.text
    luz = await other(shop, APPROVER)
    listed = await luz.get("/credits")
    assert listed.words.index("Para decidir") < listed.words.index("Todas las bonificaciones")
    assert listed.words.index(BON) < listed.words.index("Todas las bonificaciones")
    done = await does(luz, "decision", {"action": "approve", "reason": "Consta"})
    assert done.location == f"{PATH}?done=credit_approved"
    seen = await luz.get(PATH)
    assert "USD 6.86: adeudado → aprobado" in seen.words
    assert "billing : la pidió" in seen.words
    assert state(shop) == "approved"


async def test_who_asked_sees_that_somebody_else_decides(shop: Visitor) -> None:
    await shop.sign_in(AccountRole.ADMIN)
    await reviewed(shop)
    seen = await shop.get(PATH)
    assert "Usted la pidió, o pidió otra del mismo tiempo del contrato: decide otra" in seen.words
    assert 'value="approve"' not in seen.text
    # Nothing waits for who has to leave it to somebody else.
    waiting = (await shop.get("/credits")).words.partition("Todas las bonificaciones")[0]
    assert BON not in waiting
    refused = await does(shop, "decision", {"action": "approve"})
    assert refused.status == 403
    assert "decide otra persona" in refused.words
    assert state(shop) == "under_review"


async def test_a_foreign_ticket_is_refused_with_what_was_typed(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    refused = await does(shop, "request", {"ticket": "ABC-9", "client": "78"})
    assert refused.status == 422
    assert "es de otro cliente que 78" in refused.words
    assert 'value="ABC-9"' in refused.text
    assert state(shop) == "eligible"


async def test_a_rejection_wants_a_clause(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    await reviewed(shop)
    luz = await other(shop, APPROVER)
    refused = await does(luz, "decision", {"action": "reject", "reason": "Sobrecarga"})
    assert (refused.status, "cláusula" in refused.words) == (422, True)
    fields = {"action": "reject", "reason": "Sobrecarga", "clause": "13b"}
    assert (await does(luz, "decision", fields)).location == f"{PATH}?done=credit_rejected"
    assert "Cláusula: 13b" in (await luz.get(PATH)).words


async def test_what_has_changed_since_it_was_seen_is_not_decided(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    await reviewed(shop)
    luz = await other(shop, APPROVER)
    await does(shop, "request", {"ticket": "ABC-2", "client": "77"})
    late = await luz.post(f"{PATH}/decision", {"revision": "3", "action": "approve"})
    assert late.status == 412
    unseen = await luz.post(f"{PATH}/decision", {"action": "approve"})
    assert unseen.status == 422
    assert state(shop) == "under_review"


async def test_many_are_decided_in_one_form_and_say_why_not(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    for path, client in ((PATH, "77"), (f"/credits/{OTHER}", "78")):
        await does(shop, "request", {"ticket": f"T-{client}", "client": client}, path)
    both = {"credit": [f"{BON}:2", f"{OTHER}:1"]}
    seen = await shop.post("/credits/reviews", both)
    assert (seen.status, "Hechas: 1 de 2." in seen.words) == (200, True)
    assert f"{OTHER} : {OTHER} cambió: usted vio la revisión 1" in seen.words
    luz = await other(shop, APPROVER)
    chosen = {"credit": f"{BON}:3", "reason": "La noche del 12"}
    assert "Hechas: 1 de 1." in (await luz.post("/credits/approvals", chosen)).words
    assert (state(shop), state(shop, OTHER)) == ("approved", "requested")
    none = await luz.post("/credits/approvals", {"reason": "x"})
    assert (none.status, "no se eligió ninguna" in none.words.lower()) == (422, True)


async def test_they_are_found_by_state_month_client_and_contract(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    for query, found in (
        ("client=78", [OTHER]), ("contract=C-1", [BON]), ("state=applied", []),
        ("month=2026-10&state=eligible", [BON, OTHER]), ("month=2025-01", []),
    ):  # fmt: skip
        seen = await shop.get(f"/credits?{query}")
        assert [name for name in (BON, OTHER) if name in seen.words] == found, query
        assert "Esperan por usted" not in seen.words
    assert "Ninguna está así" in (await shop.get("/credits?state=applied")).words


async def test_a_credit_is_for_who_may_read_credits(shop: Visitor) -> None:
    for roles, services in (((AccountRole.OPERATOR,), ()), ((AccountRole.ADMIN,), ("mail",))):
        somebody = Visitor(shop.service)
        await somebody.sign_in(*roles, services=services)
        assert 'href="/credits"' not in (await somebody.get("/")).text
        for path in ("/credits", PATH):
            assert (await somebody.get(path)).status == 403


async def test_its_whole_story_is_a_page_of_its_own(shop: Visitor) -> None:
    await shop.sign_in(BILLING)
    await reviewed(shop)
    assert f'href="{PATH}/explanation"' in (await shop.get(PATH)).text
    seen = await shop.get(f"{PATH}/explanation")
    assert f"Bonificación {BON}" in seen.words
    assert "pedida, por billing." in seen.words
    assert "Ticket T-77." in seen.words
    assert "Cuenta" not in seen.words, "a heading with nothing below it"
    # It was opened by hand: there is nothing to compute again.
    assert f"{PATH}/bundle" not in seen.text
    assert (await shop.get(f"{PATH}/bundle")).status != 200


async def test_who_may_not_read_credits_reads_no_story(shop: Visitor) -> None:
    await shop.sign_in(AccountRole.VIEWER)
    assert (await shop.get(f"{PATH}/explanation")).status in (403, 404)


async def approved(visitor: Visitor) -> tuple[ApplyingSteps, Visitor]:
    """By the second of them."""
    await visitor.sign_in(BILLING)
    await reviewed(visitor)
    luz = await other(visitor, APPROVER)
    await does(luz, "decision", {"action": "approve", "reason": "Consta"})
    assert "Panel de facturación" not in (await visitor.get(PATH)).words
    world = visitor.service.world
    return ApplyingSteps(journal=world.journal, clock=world.clock), luz


async def test_what_somebody_carries_is_confirmed_with_its_reference(shop: Visitor) -> None:
    steps, luz = await approved(shop)
    record, _ = steps.read(CreditId(BON))
    steps.claim(record, "csv", MACHINE)
    assert "alguien la lleva al panel" in (await shop.get(PATH)).words
    assert f'action="{PATH}/confirmation"' not in (await luz.get(PATH)).text
    assert (await luz.post(f"{PATH}/confirmation", {"reference": "K-17"})).status == 403
    nothing = await shop.post(f"{PATH}/confirmation", {"reference": " "})
    assert "La referencia: un renglón" in nothing.words
    done = await shop.post(f"{PATH}/confirmation", {"reference": "K-17"})
    assert done.location == f"{PATH}?done=credit_confirmed"
    assert "Referencia: K-17" in (await shop.get(PATH)).words
    assert state(shop) == "applied"


async def test_what_the_panel_did_not_answer_is_released_once_it_has_settled(shop: Visitor) -> None:
    steps, _ = await approved(shop)
    record, _ = steps.read(CreditId(BON))
    steps.close(steps.claim(record, "whmcs", MACHINE), CreditState.APPLY_UNKNOWN, "", "504")
    assert "El panel no contestó: puede haber llegado" in (await shop.get(PATH)).words
    early = await does(shop, "release", {"looked": "Miré el saldo"})
    assert "todavía puede llegar" in early.words
    assert 'value="Miré el saldo"' in early.text
    record, _ = steps.read(CreditId(BON))
    steps.searched(record, SearchResult(found=Found.ABSENT), settle_s=0)
    assert (await shop.post(f"{PATH}/release", {"looked": "Miré"})).status == 422
    done = await does(shop, "release", {"looked": "Miré el saldo"})
    assert done.location == f"{PATH}?done=credit_released"
    assert state(shop) == "approved"
