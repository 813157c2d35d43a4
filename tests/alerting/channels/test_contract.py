"""What every channel owes the dispatcher, held against a real server of its protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.alerting.channels.kind import ChannelDependencies
from monitor.alerting.channels.registry import CHANNELS, build_channels
from monitor.alerting.ports import Channel, Message, Permanent, Transient
from tests.alerting.channels.harness import (
    HARNESSES,
    SECRET,
    VARIABLE,
    WAIT_S,
    Behaviour,
    Harness,
    Served,
)
from tests.domain.incidents import DECIDED_AT
from tests.support.clock import FakeClock

MESSAGE = Message(
    key="incident:k3f9a2:opening|sala",
    thread="incident:k3f9a2",
    subject="CAÍDO radio2: stalled (k3f9a2)",
    text="CAÍDO  Streaming de radio 2\n",
    html="<p>CAÍDO</p>",
    fields={"version": 1, "kind": "opening"},
)
LONGEST_REASON = 1_000
Serving = Callable[..., AbstractAsyncContextManager[Served]]


@pytest.fixture(params=sorted(HARNESSES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def harness(name: str) -> Harness:
    return HARNESSES[name]


@pytest.fixture
def channel(name: str) -> Channel[Any]:
    return built(name)


@pytest.fixture
def serving(harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serving:
    @asynccontextmanager
    async def serve(how: Behaviour, timeout_s: float = 10.0) -> AsyncIterator[Served]:
        async with harness.serving(how, tmp_path, monkeypatch, timeout_s) as served:
            yield served

    return serve


def built(name: str, **dependencies: Any) -> Channel[Any]:
    given = ChannelDependencies(clock=FakeClock(DECIDED_AT), **dependencies)
    return build_channels(given)[name]


def test_every_channel_is_held_to_it() -> None:
    assert sorted(HARNESSES) == sorted(CHANNELS)


async def test_what_is_accepted_arrives_whole_and_once(
    channel: Channel[Any], serving: Serving
) -> None:
    async with serving(Behaviour.ACCEPTS) as there:
        await channel.send(MESSAGE, there.spec)
        assert [text.strip() for text in there.texts()] == [MESSAGE.text.strip()]


async def test_a_refusal_is_permanent_and_says_why(channel: Channel[Any], serving: Serving) -> None:
    async with serving(Behaviour.REFUSES) as there:
        with pytest.raises(Permanent, match="no such channel"):
            await channel.send(MESSAGE, there.spec)


async def test_later_is_transient_and_names_the_wait_where_the_protocol_does(
    channel: Channel[Any], serving: Serving, harness: Harness
) -> None:
    async with serving(Behaviour.BUSY) as there:
        with pytest.raises(Transient, match="later") as caught:
            await channel.send(MESSAGE, there.spec)
    assert caught.value.retry_after == (float(WAIT_S) if harness.can_name_wait else None)


async def test_silence_is_transient_within_the_targets_timeout(
    channel: Channel[Any], serving: Serving
) -> None:
    async with serving(Behaviour.HANGS, timeout_s=1.0) as there, asyncio.timeout(30):
        with pytest.raises(Transient):
            await channel.send(MESSAGE, there.spec)


async def test_the_dispatchers_deadline_ends_it_and_is_no_reason_of_its_own(
    channel: Channel[Any], serving: Serving
) -> None:
    async with serving(Behaviour.HANGS, timeout_s=60.0) as there:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await channel.send(MESSAGE, there.spec)


async def test_nobody_there_is_transient(channel: Channel[Any], serving: Serving) -> None:
    async with serving(Behaviour.ACCEPTS) as there:
        pass
    with pytest.raises(Transient):
        await channel.send(MESSAGE, there.spec)


async def test_a_secret_that_is_missing_is_permanent_and_named_by_its_reference(
    channel: Channel[Any], serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Behaviour.ACCEPTS) as there:
        monkeypatch.delenv(VARIABLE)
        with pytest.raises(Permanent, match=VARIABLE):
            await channel.send(MESSAGE, there.spec)
        assert there.texts() == []


async def test_no_secret_is_in_a_reason_although_the_server_repeats_it(
    channel: Channel[Any], serving: Serving
) -> None:
    async with serving(Behaviour.REPEATS) as there:
        with pytest.raises(Permanent) as caught:
            await channel.send(MESSAGE, there.spec)
    error: BaseException | None = caught.value
    assert "***" in str(error)
    assert SECRET not in repr(there.spec)
    while error is not None and not error.__suppress_context__:
        assert SECRET not in str(error)
        error = error.__cause__ or error.__context__
    assert SECRET not in str(caught.value)


async def test_a_reason_is_one_short_line_whatever_the_server_says(
    channel: Channel[Any], serving: Serving
) -> None:
    async with serving(Behaviour.TALKS) as there:
        with pytest.raises(Permanent) as caught:
            await channel.send(MESSAGE, there.spec)
    assert len(str(caught.value)) <= LONGEST_REASON
    assert str(caught.value).isprintable()


async def test_a_channel_whose_host_others_choose_asks_the_guard_before_it_connects(
    name: str, serving: Serving, harness: Harness
) -> None:
    def admit(host: str, address: str) -> None:
        raise ValueError(f"{address} is inside")

    async with serving(Behaviour.ACCEPTS) as there:
        guarded = built(name, admit=admit)
        if harness.is_guarded:
            with pytest.raises(Permanent, match="is inside"):
                await guarded.send(MESSAGE, there.spec)
        else:
            await guarded.send(MESSAGE, there.spec)
        assert len(there.texts()) == (0 if harness.is_guarded else 1)


def test_its_settings_are_frozen_described_and_no_others(name: str) -> None:
    spec = CHANNELS[name].spec
    assert is_dataclass(spec)
    assert spec.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert spec.__pydantic_config__ == {"extra": "forbid"}  # type: ignore[attr-defined]
    assert [f.name for f in fields(spec) if not f.metadata.get("description")] == []
