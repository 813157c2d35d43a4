"""A seeded script: which targets fall when and how, and what happens to the product meanwhile."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.demo.faults import Fault
from tests.e2e.flapping import seeded_outages
from tests.e2e.soak.record import Kind, Outage

HOUR, DAY = 3_600, 86_400
FAULTS = (Fault.REFUSE, Fault.HANG, Fault.WRONG)
_QUIET_AT_END = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`kinds` last from `start` to `end`. The wall clock is set by `step_s` then; with
    `is_undone` it is set back to where it was at the end."""

    name: str
    start: float
    end: float
    kinds: tuple[Kind, ...] = ()
    step_s: int = 0
    is_undone: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    shortest: float
    longest: float
    kinds: tuple[Kind, ...] = ()
    steps: tuple[int, ...] = ()
    is_undone: bool = False


_FORMS = (
    _Form("resolver dies", 8, 20, (Kind.RESOLVER,)),
    _Form("prober stopped", 4, 15, (Kind.PROBER,)),
    _Form("set ahead a little", 0, 0, steps=(4, 9, 20, 45, 90)),
    _Form("set back a little", 0, 0, steps=(-4, -9, -20, -50)),
    _Form("ahead and back", 5, 20, steps=(HOUR, 40 * DAY, 730 * DAY), is_undone=True),
    _Form("back and on again", 5, 20, steps=(-HOUR, -40 * DAY), is_undone=True),
    _Form("core stopped", 4, 15, (Kind.CORE,)),
    _Form("both stopped", 4, 15, (Kind.PROBER, Kind.CORE)),
    _Form("set ahead an hour", 0, 0, steps=(HOUR,)),
    _Form("prober stopped, set ahead", 6, 12, (Kind.PROBER,), (30, HOUR)),
    _Form("prober stopped, set back", 6, 12, (Kind.PROBER,), (-5, -40)),
    _Form("core stopped, ahead and back", 6, 12, (Kind.CORE,), (HOUR, 730 * DAY), is_undone=True),
)


def trials(rng: random.Random, until: float) -> Sequence[Trial]:
    """Each form once before any comes twice, with quiet between them."""
    return tuple(_trials(rng, until))


def _trials(rng: random.Random, until: float) -> Iterator[Trial]:
    at = rng.uniform(12, 18)
    while True:
        for form in rng.sample(_FORMS, len(_FORMS)):
            end = at + rng.uniform(form.shortest, form.longest)
            if end + _QUIET_AT_END > until:
                return
            yield Trial(
                name=form.name, start=at, end=end, kinds=form.kinds,
                step_s=rng.choice(form.steps) if form.steps else 0, is_undone=form.is_undone,
            )  # fmt: skip
            at = end + rng.uniform(18, 45)


def outages(rng: random.Random, targets: Sequence[str], until: float) -> Sequence[Outage]:
    """Of each target, in order of falling; all are over in time."""
    found = [
        Outage(target=target, fault=rng.choice(FAULTS), fall=one.fall, rise=one.rise)
        for target in targets
        for one in seeded_outages(rng, until=until, shortest=9, longest=35, rest=16)
    ]
    return sorted(found, key=lambda outage: outage.fall)
