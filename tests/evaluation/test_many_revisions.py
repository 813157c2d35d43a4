"""Over many configurations that differ little, each question has the answer that going through all
of them one by one would give."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from monitor.catalogues.in_force import Catalogues
from monitor.domain.catalogue import (
    Affects,
    Catalogue,
    CatalogueRevision,
    Check,
    Component,
    touched,
)
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import LOCAL, CheckId, ComponentId, Outcome, ServiceId
from monitor.domain.rollup import component_timeline, timeline_under
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from monitor.domain.timeline import Segment, Timeline
from monitor.results.log.ports import FoldKey
from tests.support.catalogues import PAGE

MANY, REVISIONS = 40, 12
NAMES = [ComponentId(f"c{n}") for n in range(MANY)]
END = Second(REVISIONS * 100 + 200)
seeds = pytest.mark.parametrize("seed", range(25))


def a_component(dice: random.Random, name: ComponentId) -> Component:
    return Component(
        id=name,
        service=ServiceId("s"),
        name=plain(f"{name} {dice.randint(1, 3)}"),
        is_public=dice.random() < 0.5,
        quorum=dice.choice([None, None, 1]),
    )


def a_check(dice: random.Random, number: int, name: ComponentId) -> Check:
    return Check(
        id=CheckId(f"{name}-{number}"),
        component=name if dice.random() < 0.9 else dice.choice(NAMES),
        kind="tcp",
        spec=dice.randint(1, 2),
        policy=Policy(interval=20, max_gap=60),
        timeout_s=5.0,
        affects=dice.choice(list(Affects)),
    )


def the_next(dice: random.Random, made: Catalogue) -> Catalogue:
    """A few components and checks are others; now and then their order is."""
    components = {c.id: c for c in made.components}
    checks = {c.id: c for c in made.checks}
    for name in dice.sample(NAMES, 2):
        components[name] = a_component(dice, name)
        for number in range(2):
            check = a_check(dice, number, name)
            checks[check.id] = check
    components.pop(dice.choice(NAMES), None)
    checks.pop(CheckId(f"{dice.choice(NAMES)}-0"), None)
    told = [c for c in checks.values() if c.component in components]
    if dice.random() < 0.2:
        dice.shuffle(told)
    return replace(made, components=tuple(components.values()), checks=tuple(told))


def history(seed: int) -> tuple[Catalogues, Catalogues]:
    """The same revisions: made of each other's parts and finding them so, and each by itself."""
    dice = random.Random(seed)  # noqa: S311 - no secret
    made = Catalogue(
        zone=ZoneInfo("UTC"),
        page=PAGE,
        components=tuple(a_component(dice, name) for name in NAMES),
        checks=tuple(a_check(dice, n, name) for name in NAMES for n in range(2)),
    )
    shared: list[CatalogueRevision] = []
    for number in range(1, REVISIONS + 1):
        # Two of them begin in the same minute, and one was kept while the clock was behind.
        start = Second(100 * dice.choice([number, number, number - 1]))
        shared.append(
            CatalogueRevision(number=number, hash="", text="", effective_from=start, catalogue=made)
        )
        made = the_next(dice, made).beside(made)
    alone = [replace(r, catalogue=replace(r.catalogue)) for r in shared]
    return Catalogues(shared), Catalogues(alone)


def looks_of(seed: int) -> dict[FoldKey, Timeline]:
    dice = random.Random(seed)  # noqa: S311 - no secret
    return {
        (CheckId(f"{name}-{n}"), LOCAL): tuple(
            Segment(start=Second(start), end=Second(end), status=dice.choice(list(Outcome)))
            for start, end in pairwise(sorted(dice.sample(range(END), 8)))
        )
        for name in NAMES
        for n in range(2)
    }


def by_second(timeline: Timeline) -> dict[int, tuple[Outcome, str]]:
    return {
        at: (segment.status, segment.cause)
        for segment in timeline
        for at in range(segment.start, segment.end)
    }


@seeds
def test_a_catalogue_that_is_told_by_what_differs_finds_the_same(seed: int) -> None:
    shared, alone = history(seed)
    for mine, other in zip(shared.revisions, alone.revisions, strict=True):
        one, two = mine.catalogue, other.catalogue
        for name in NAMES:
            assert one.has(name) == two.has(name)
            assert one.checks_of(name) == two.checks_of(name)
            assert one.deciding(name) == two.deciding(name)
            if one.has(name):
                assert one.component(name) is two.component(name)
            else:
                with pytest.raises(KeyError):
                    one.component(name)
        for check in (CheckId(f"{name}-{n}") for name in NAMES for n in range(2)):
            assert one.check(check) is two.check(check)


@seeds
def test_which_revision_speaks_for_a_component_tells_every_second_as_all_of_them_do(
    seed: int,
) -> None:
    shared, _ = history(seed)
    looks, window = looks_of(seed), Interval(Second(50), END)
    for name in NAMES:
        whole = component_timeline(name, looks, shared.revisions, window)
        drawn = timeline_under(name, looks, shared.periods_of(name), window)
        assert by_second(drawn) == by_second(whole)


@seeds
def test_a_component_is_as_old_as_the_first_that_had_it_whatever_the_order(seed: int) -> None:
    shared, _ = history(seed)
    for name in NAMES:
        starts = [r.effective_from for r in shared.revisions if r.catalogue.has(name)]
        if starts:
            assert shared.first_seen(name) == min(starts)


def test_a_revision_that_did_not_touch_a_component_does_not_speak_for_it() -> None:
    shared, _ = history(1)
    spoken = [len(shared.periods_of(name)) for name in NAMES]
    assert min(spoken) <= 3 < len(shared.ruling)
    assert all(
        after.start == before.end
        for name in NAMES
        for (_, before), (_, after) in pairwise(shared.periods_of(name))
    )


def test_checks_in_another_order_touch_every_component() -> None:
    """The first of two that failed at once is the one that is named."""
    shared, _ = history(3)
    made = shared.revisions[0].catalogue
    turned = replace(made, checks=tuple(reversed(made.checks)))
    assert touched(made, turned) >= {c.id for c in made.components}
    assert turned.beside(made).checks_of(NAMES[3]) == replace(turned).checks_of(NAMES[3])
