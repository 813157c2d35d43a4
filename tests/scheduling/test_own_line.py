"""A failure is worth nothing while our line is cut, or our resolver ill; else it stands."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.catalogue import ConnectivitySettings
from monitor.domain.checks.connectivity import RESOLVER, Control, Controls, DnsResponse
from monitor.domain.checks.observation import FailureId, Observation, Outcome
from monitor.scheduling import own_line
from monitor.scheduling import single_flight as shared_look
from monitor.scheduling.connectivity_check import ConnectivityCheck
from monitor.scheduling.own_line import ResolverCheck, worth

SERVER = "192.0.2.53"
WELL: Controls = {SERVER: (Control(uncached=DnsResponse.NXDOMAIN, plain=DnsResponse.ANSWER),)}
ILL: Controls = {SERVER: (Control(uncached=DnsResponse.SILENT, plain=DnsResponse.ANSWER),)}
REFUSED = Observation(outcome=Outcome.DOWN, failure=FailureId("conn_refused"))
NAMELESS = Observation(
    outcome=Outcome.DOWN,
    failure=FailureId("dns_timeout"),
    message="no answer from a name server in time",
    evidence={RESOLVER: {SERVER: "silent"}},
)
CHECKED = Observation(
    outcome=Outcome.DOWN, failure=FailureId("dns_timeout"), evidence={"server": SERVER}
)
"""A `dns` check whose target is the very server that is ours as well."""


def gate(*reached: bool | None, need: int = 1) -> ConnectivityCheck:
    targets = {f"t{n}:53": answer for n, answer in enumerate(reached)}

    async def reach(target: str, timeout_s: float) -> bool | None:
        return targets[target]

    return ConnectivityCheck(
        ConnectivitySettings(id="line", targets=tuple(targets), need=need), reach, spacing_s=0
    )


def after_s(seen: Observation, seconds: float) -> Observation:
    """The same, seen by a look that took so long."""
    return replace(seen, phases_ms={"connect": seconds * 1000})


async def test_a_look_that_began_while_the_line_was_cut_is_not_believed_when_it_is_back() -> None:
    """Its gate is asked after it: by then a line that is cut for moments works again."""
    reached = False

    async def reach(target: str, timeout_s: float) -> bool | None:
        return reached

    keeper = ConnectivityCheck(
        ConnectivitySettings(id="line", targets=("t:53",)), reach, spacing_s=0
    )
    assert (await worth(REFUSED, keeper, None)).failure == "no_network"
    reached = True
    assert (await worth(after_s(REFUSED, 5), keeper, None)).failure == "no_network"
    assert (await worth(REFUSED, keeper, None)).failure == "conn_refused"
    assert (await worth(after_s(REFUSED, 5), keeper, None)).failure == "no_network"


async def test_a_cut_of_long_ago_excuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = False

    async def reach(target: str, timeout_s: float) -> bool | None:
        return reached

    keeper = ConnectivityCheck(
        ConnectivitySettings(id="line", targets=("t:53",)), reach, spacing_s=0
    )
    assert (await worth(REFUSED, keeper, None)).failure == "no_network"
    reached = True
    monkeypatch.setattr(shared_look, "LINGER_S", -1.0)
    assert (await worth(REFUSED, keeper, None)).failure == "conn_refused"


async def test_a_look_that_began_while_our_resolver_was_ill_is_not_believed_when_it_is_back() -> (
    None
):
    controls = ILL

    async def ask() -> Controls:
        return controls

    keeper = ResolverCheck(ask, spacing_s=0)
    assert (await worth(NAMELESS, None, keeper)).failure == "no_resolver"
    controls = WELL
    assert (await worth(after_s(NAMELESS, 5), None, keeper)).failure == "no_resolver"
    assert (await worth(NAMELESS, None, keeper)).failure == "dns_timeout"


OTHER = "192.0.2.54"
DENYING = Control(uncached=DnsResponse.NXDOMAIN, plain=DnsResponse.NXDOMAIN)
FORGING = Control(
    uncached=DnsResponse.FORGED, plain=DnsResponse.ANSWER, forged=frozenset({"10.0.0.1"})
)


def denied_by(*servers: str) -> Observation:
    said = dict.fromkeys(servers, "nxdomain")
    return replace(NAMELESS, failure=FailureId("dns_nxdomain"), evidence={RESOLVER: said})


def led_to(address: str) -> Observation:
    return replace(REFUSED, evidence={RESOLVER: {SERVER: "answer"}, "resolved": [address]})


@pytest.mark.parametrize(
    ("seen", "worth_", "why"),
    [
        (denied_by(SERVER), "no_resolver", "who said so denies all that exists"),
        (denied_by(OTHER), "dns_nxdomain", "who said so is well"),
        (denied_by(SERVER, OTHER), "dns_nxdomain", "one of them is well"),
    ],
)
async def test_a_denial_is_worth_as_much_as_who_gave_it(
    seen: Observation, worth_: str, why: str
) -> None:
    controls = {SERVER: (DENYING, DENYING), OTHER: WELL[SERVER]}
    assert (await worth(seen, None, resolver(controls))).failure == worth_, why


@pytest.mark.parametrize(
    ("address", "is_worth"), [("10.0.0.1", "no_resolver"), ("192.0.2.80", "conn_refused")]
)
async def test_a_failure_at_an_address_that_is_given_for_every_name_is_no_outage(
    address: str, is_worth: str
) -> None:
    judged = await worth(led_to(address), None, resolver({SERVER: (FORGING, FORGING)}))
    assert judged.failure == is_worth


async def test_a_failure_at_an_address_does_not_wait_for_a_resolver_that_is_slow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(own_line, "FORGED_WITHIN_S", 0.01)

    async def ask() -> Controls:
        await asyncio.Event().wait()
        return {}

    judged = await worth(led_to("10.0.0.1"), None, ResolverCheck(ask, spacing_s=0))
    assert judged.failure == "conn_refused"


def resolver(controls: Controls) -> ResolverCheck:
    async def ask() -> Controls:
        return controls

    return ResolverCheck(ask, spacing_s=0)


@pytest.mark.parametrize(
    ("seen", "gates", "controls", "is_worth"),
    [
        (NAMELESS, gate(True), ILL, "no_resolver"),
        (NAMELESS, gate(True), WELL, "dns_timeout"),
        (NAMELESS, None, ILL, "no_resolver"),
        (NAMELESS, None, WELL, "dns_timeout"),
        (NAMELESS, gate(False), ILL, "no_network"),
        (NAMELESS, gate(None), ILL, "no_resolver"),
        (REFUSED, gate(True), ILL, "conn_refused"),
        (REFUSED, gate(False), ILL, "no_network"),
        (CHECKED, gate(True), ILL, "dns_timeout"),
        (CHECKED, None, ILL, "dns_timeout"),
    ],
)
async def test_it_believes_a_failure_only_where_we_can_see(
    seen: Observation, gates: ConnectivityCheck | None, controls: Controls, is_worth: str
) -> None:
    judged = await worth(seen, gates, resolver(controls))
    assert judged.failure == is_worth
    blind = is_worth in ("no_network", "no_resolver")
    assert judged.outcome is (Outcome.UNKNOWN if blind else Outcome.DOWN)


async def test_a_gate_whose_names_are_not_found_is_not_a_cut_line() -> None:
    judged = await worth(REFUSED, gate(None, None), resolver(ILL))
    assert judged.failure == "no_resolver"


async def test_a_gate_whose_names_nobody_knows_stays_shut_where_our_resolver_is_well() -> None:
    judged = await worth(REFUSED, gate(None), resolver(WELL))
    assert judged.failure == "no_network"


@pytest.mark.parametrize(
    ("reached", "need", "verdict"),
    [
        ((None, True), 1, True),
        ((None, False), 1, None),
        ((None, False), 2, False),
        ((None, True), 2, None),
        ((False, False), 1, False),
    ],
)
async def test_a_gate_is_undecided_where_those_it_could_not_ask_would_decide(
    reached: tuple[bool | None, ...], need: int, verdict: bool | None
) -> None:
    assert await gate(*reached, need=need).is_open() is verdict


async def test_it_keeps_what_was_seen_and_names_the_resolver() -> None:
    judged = await worth(NAMELESS, None, resolver(ILL))
    assert SERVER in judged.message
    assert judged.evidence == {
        RESOLVER: {SERVER: "silent"},
        "held": "dns_timeout",
        "held_message": "no answer from a name server in time",
        "controls": {SERVER: [{"uncached": "silent", "plain": "answer"}]},
    }


async def test_a_resolver_that_cannot_even_be_asked_accuses_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> Controls:
        raise RuntimeError("boom")

    judged = await worth(NAMELESS, None, ResolverCheck(broken, spacing_s=0))
    assert judged is NAMELESS
    assert "boom" in caplog.text


async def test_a_thousand_failures_ask_the_control_names_twice_at_most() -> None:
    asked = 0
    answer = asyncio.Event()

    async def ask() -> Controls:
        nonlocal asked
        asked += 1
        await answer.wait()
        return ILL

    keeper = ResolverCheck(ask, spacing_s=0)
    first = asyncio.ensure_future(worth(NAMELESS, None, keeper))
    for _ in range(3):
        await asyncio.sleep(0)
    others = [asyncio.ensure_future(worth(NAMELESS, None, keeper)) for _ in range(999)]
    await asyncio.sleep(0)
    answer.set()
    judged = await asyncio.gather(first, *others)
    assert {seen.failure for seen in judged} == {"no_resolver"}
    assert asked == 2
