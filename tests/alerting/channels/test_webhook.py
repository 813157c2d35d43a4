"""Webhooks: what arrives, what each answer means, and where one may not be led."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json

import pytest
from aiohttp import web

from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.registry import CHANNELS, build_channels
from monitor.alerting.channels.webhook import WebhookNotifier, WebhookSpec
from monitor.alerting.ports import Message, Permanent, Transient
from monitor.domain.secret import Secret
from monitor.net.egress_guard import egress_guard
from tests.domain.incidents import DECIDED_AT
from tests.support.clock import FakeClock
from tests.support.http_sink import sink
from tests.support.ports import free_ports

MESSAGE = Message(
    key="incident:k3f9a2:opening|sala",
    thread="incident:k3f9a2:opening|sala",
    subject="CAÍDO radio2: stalled (k3f9a2)",
    text="CAÍDO  Streaming de radio 2\n",
    html="<p>…</p>",
    fields={"version": 1, "kind": "opening", "subject": "CAÍDO radio2: stalled (k3f9a2)"},
)


def notifier(allow: tuple[str, ...] = ()) -> WebhookNotifier:
    return WebhookNotifier(
        ChannelDependencies(clock=FakeClock(DECIDED_AT), admit=egress_guard(lambda: allow))
    )


async def test_it_delivers_the_fields_and_the_words() -> None:
    async with sink() as there:
        await notifier().send(MESSAGE, WebhookSpec(url=there.url, headers={"X-Team": "radio"}))
    ((request, body),) = there.got
    assert request.method == "POST"
    assert request.headers["Idempotency-Key"] == MESSAGE.key
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["X-Team"] == "radio"
    assert json.loads(body) == {
        "version": 1,
        "kind": "opening",
        "subject": "CAÍDO radio2: stalled (k3f9a2)",
        "key": MESSAGE.key,
        "thread": MESSAGE.thread,
        "text": MESSAGE.text,
    }


async def test_a_receiver_can_check_who_sent_it_and_when(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", "llave")
    async with sink() as there:
        await notifier().send(MESSAGE, WebhookSpec(url=there.url, secret=Secret("${HOOK_SECRET}")))
    ((request, body),) = there.got
    wanted = hmac.new(b"llave", f"{DECIDED_AT}.".encode() + body, hashlib.sha256).hexdigest()
    assert request.headers["X-Estado-Signature"] == f"t={DECIDED_AT},v1={wanted}"


async def test_a_secret_address_and_secret_headers_are_opened_at_the_last_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with sink() as there:
        monkeypatch.setenv("HOOK_URL", there.url + "/T0KEN")
        monkeypatch.setenv("HOOK_AUTH", "Bearer abc")
        spec = WebhookSpec(
            secret_url=Secret("${HOOK_URL}"),
            secret_headers={"Authorization": Secret("${HOOK_AUTH}")},
            method="PUT",
        )
        await notifier().send(MESSAGE, spec)
    ((request, _),) = there.got
    assert (request.method, request.path) == ("PUT", "/hook/T0KEN")
    assert request.headers["Authorization"] == "Bearer abc"
    assert "T0KEN" not in repr(spec)
    assert "Bearer" not in repr(spec)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_a_server_in_trouble_is_transient(status: int) -> None:
    async with sink(status) as there:
        with pytest.raises(Transient, match=f"127.0.0.1: status {status}") as caught:
            await notifier().send(MESSAGE, WebhookSpec(url=there.url))
    assert caught.value.retry_after is None


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("17", 17.0),
        ("Thu, 16 Apr 2026 17:11:00 GMT", 60.0),
        ("Thu, 16 Apr 2026 17:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Thu, 01 Jan 2030 00:00:00 +99999999999999", None),
    ],
)
async def test_it_says_how_long_it_was_asked_to_wait(value: str, wait: float | None) -> None:
    async with sink(429, {"Retry-After": value}) as there:
        with pytest.raises(Transient) as caught:
            await notifier().send(MESSAGE, WebhookSpec(url=there.url))
    assert caught.value.retry_after == wait


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
async def test_a_refusal_is_permanent_and_says_why(status: int) -> None:
    async with sink(status, body=b"no\x1b[2J such\nchannel") as there:
        with pytest.raises(Permanent, match=rf"status {status}: no \[2J such channel"):
            await notifier().send(MESSAGE, WebhookSpec(url=there.url))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with sink() as elsewhere, sink(status, {"Location": elsewhere.url}) as there:
        with pytest.raises(Permanent, match=f"status {status}"):
            await notifier().send(MESSAGE, WebhookSpec(url=there.url))
    assert elsewhere.got == []


async def test_a_hang_is_transient_and_ends_in_time() -> None:
    async with sink() as there:
        there.reply = there.hang
        with pytest.raises(Transient, match=r"no answer within 0\.1 s"):
            await notifier().send(MESSAGE, WebhookSpec(url=there.url, timeout_s=0.1))


async def test_an_answer_without_end_is_read_no_further_than_it_has_to_be() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)

    async with sink() as there:
        there.reply = endless
        await notifier().send(MESSAGE, WebhookSpec(url=there.url, timeout_s=5))


@pytest.mark.parametrize("ending", ["breaks off", "hangs"])
async def test_a_status_counts_although_the_body_does_not_arrive(ending: str) -> None:
    async def begins(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=there.status)
        response.content_length = 1_000
        await response.prepare(request)
        if ending == "hangs":
            await there.leaving.wait()
        assert request.transport is not None
        request.transport.close()
        return response

    async with sink(200) as there:
        there.reply = begins
        spec = WebhookSpec(url=there.url, timeout_s=0.5)
        await notifier().send(MESSAGE, spec)
        there.status = 404
        with pytest.raises(Permanent, match=r"status 404$"):
            await notifier().send(MESSAGE, spec)
        there.status = 503
        with pytest.raises(Transient, match=r"status 503$"):
            await notifier().send(MESSAGE, spec)


async def test_an_answer_that_unpacks_to_a_gigabyte_is_not_unpacked() -> None:
    bomb = gzip.compress(gzip.compress(bytes(50_000_000)))
    async with sink(200, {"Content-Encoding": "gzip"}, bomb) as there:
        await notifier().send(MESSAGE, WebhookSpec(url=there.url))


async def test_nobody_at_the_port_is_transient_and_keeps_the_path_to_itself() -> None:
    (port,) = free_ports(1)
    with pytest.raises(Transient) as caught:
        await notifier().send(MESSAGE, WebhookSpec(url=f"http://127.0.0.1:{port}/T0KEN"))
    assert str(caught.value) == "127.0.0.1: no connection: Connection refused"


async def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with sink() as there:
        port = int(there.url.split(":")[2].split("/")[0])
        _resolve_to_loopback(monkeypatch)
        with pytest.raises(Permanent, match=r"hooks\.example: leads to 127\.0\.0\.1"):
            await notifier().send(MESSAGE, WebhookSpec(url=f"http://hooks.example:{port}/"))
        assert there.got == []
        allowed = notifier(("127.0.0.0/8",))
        await allowed.send(MESSAGE, WebhookSpec(url=f"http://hooks.example:{port}/"))
        assert len(there.got) == 1


async def test_a_missing_secret_is_permanent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_HOOK", raising=False)
    with pytest.raises(Permanent, match="NO_SUCH_HOOK"):
        await notifier().send(MESSAGE, WebhookSpec(secret_url=Secret("${NO_SUCH_HOOK}")))


async def test_a_secret_that_is_no_address_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK_URL", "T0KEN")
    with pytest.raises(Permanent, match="secret_url") as caught:
        await notifier().send(MESSAGE, WebhookSpec(secret_url=Secret("${HOOK_URL}")))
    assert "T0KEN" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "either url or secret_url"),
        ({"url": "ftp://h/"}, "https://example.com/hook"),
        ({"url": "http://h/\r\nX: y"}, "https://example.com/hook"),
        ({"url": "http://h/", "method": "DELETE"}, "POST or PUT"),
        ({"url": "http://h/", "headers": {"Idempotency-Key": "x"}}, "is ours"),
        ({"url": "http://h/", "timeout_s": 0}, "timeout_s"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        WebhookSpec(**settings)  # type: ignore[arg-type]


def test_each_kind_of_the_registry_refuses_unknown_settings_and_can_be_built() -> None:
    built = build_channels(ChannelDependencies(clock=FakeClock()))
    assert list(built) == list(CHANNELS) == [kind.name for kind in CHANNELS.values()]
    for kind in CHANNELS.values():
        assert kind.spec.__pydantic_config__ == {"extra": "forbid"}


def _resolve_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone whose owner points a name at this machine."""

    async def resolve(_: object, host: str, port: int = 0, family: int = 0) -> list[object]:
        return [
            {"hostname": host, "host": "127.0.0.1", "port": port, "family": 2, "proto": 6,
             "flags": 0}
        ]  # fmt: skip

    monkeypatch.setattr("aiohttp.resolver.ThreadedResolver.resolve", resolve)
    monkeypatch.setattr("aiohttp.connector.DefaultResolver.resolve", resolve)
