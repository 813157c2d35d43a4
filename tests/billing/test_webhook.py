"""Applying by a system of one's own: signed, keyed, and believed only where it answers."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from aiohttp import web

from credits.billing.applier import Came
from monitor.alerting.channels.kind import ChannelDependencies
from monitor.billing.webhook import BillingWebhookSpec, WebhookPanel
from monitor.domain.secret import Secret
from tests.billing.desk import BON, SETTLE, Desk, S
from tests.support.http_sink import Sink, sink
from tests.support.tokens import token_file

ANSWERS: dict[str, Any] = {
    "credit.standing": {"account": "good", "currency": "USD"},
    "credit.find": {"found": []},
    "credit.apply": {"reference": "A-1"},
}


def panel(desk: Desk, there: Sink, *, dry_run: bool = False) -> WebhookPanel:
    secret = token_file(desk.folder, "llave")
    spec = BillingWebhookSpec(url=there.url, secret=secret, dry_run=dry_run, timeout_s=5)
    return WebhookPanel(spec, ChannelDependencies(clock=desk.clock))


def answering(there: Sink, **answers: Any) -> None:
    """By question; a status in place of an answer has the body of a good one."""
    given = ANSWERS | {f"credit.{name}": answer for name, answer in answers.items()}

    async def reply(request: web.Request) -> web.StreamResponse:
        found = given[json.loads(there.got[-1][1])["type"]]
        if isinstance(found, int):
            return web.json_response(ANSWERS["credit.apply"], status=found)
        return web.json_response(found)

    there.reply = reply


def asked(there: Sink) -> list[str]:
    return [json.loads(body)["type"] for _, body in there.got]


async def test_a_credit_is_asked_for_signed_and_under_its_own_key(desk: Desk) -> None:
    desk.keep()
    async with sink() as there:
        answering(there)
        assert (await desk.apply(panel(desk, there))).came is Came.APPLIED
    assert asked(there) == ["credit.standing", "credit.find", "credit.apply"]
    request, body = there.got[-1]
    assert request.headers["Idempotency-Key"] == BON
    at, _, signed = request.headers["X-Estado-Signature"].partition(",v1=")
    wanted = hmac.new(b"llave", f"{at[2:]}.".encode() + body, hashlib.sha256).hexdigest()
    assert signed == wanted
    said = json.loads(body)
    assert (said["amount"], said["currency"], said["client_id"]) == ("6.86", "USD", "77")
    assert desk.record().steps[-1].reference == "A-1"
    assert desk.books_agree()


@pytest.mark.parametrize(
    ("answers", "came"),
    [
        ({"standing": {"account": "suspended", "currency": "USD"}}, Came.BLOCKED),
        ({"standing": {"account": "chargeback", "currency": "USD"}}, Came.HELD),
        ({"standing": {"account": "deleted", "currency": ""}}, Came.LAPSED),
        ({"standing": {"account": "good", "currency": "ARS"}}, Came.REFUSED),
        ({"standing": {"account": "good", "currency": "USD", "refused": "Deuda"}}, Came.REFUSED),
        ({"standing": {"account": "fine", "currency": "USD"}}, Came.NOT_READ),
        ({"standing": {"currency": "USD"}}, Came.NOT_READ),
        ({"standing": 503}, Came.NOT_READ),
        ({"find": {}}, Came.NOT_READ),
        ({"find": {"found": ["A-1"]}}, Came.NOT_READ),
        ({"find": [1]}, Came.NOT_READ),
        ({"find": {"found": [{"reference": "A-1", "amount": "6.86"}]}}, Came.APPLIED),
        ({"apply": 202}, Came.UNKNOWN),
        ({"apply": {}}, Came.UNKNOWN),
        ({"apply": {"reference": ""}}, Came.UNKNOWN),
        ({"apply": 409}, Came.UNKNOWN),
    ],
)
async def test_each_answer_means_one_thing(desk: Desk, answers: dict[str, Any], came: Came) -> None:
    desk.keep()
    async with sink() as there:
        answering(there, **answers)
        assert (await desk.apply(panel(desk, there))).came is came
    assert asked(there).count("credit.apply") <= 1
    assert ("credit.apply" in asked(there)) is (came is Came.UNKNOWN)
    assert desk.books_agree()


async def test_what_was_not_answered_is_searched_for_and_not_asked_again(desk: Desk) -> None:
    desk.keep()
    async with sink() as there:
        answering(there, apply=500)
        asks = panel(desk, there)
        await desk.apply(asks)
        desk.clock.advance(SETTLE)
        answering(there, find={"found": [{"reference": "A-9", "amount": 6.86}]})
        await desk.search(asks)
    assert desk.state() is S.APPLY_UNKNOWN, "a number of JSON may be a little more or less"
    assert asked(there).count("credit.apply") == 1


async def test_a_rehearsal_asks_for_nothing(desk: Desk) -> None:
    desk.keep()
    async with sink() as there:
        answering(there)
        assert (await desk.apply(panel(desk, there, dry_run=True))).came is Came.WOULD_APPLY
    assert "credit.apply" not in asked(there)
    assert BillingWebhookSpec(url="https://a.example/", secret=Secret("${A}")).dry_run


def test_it_is_asked_by_https_alone() -> None:
    with pytest.raises(ValueError, match="https"):
        BillingWebhookSpec(url="http://a.example/", secret=Secret("${A}"))
