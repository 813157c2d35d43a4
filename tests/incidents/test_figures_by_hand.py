"""What people tell changes no second of any figure: two worlds, of which one has incidents by hand,
are equal in everything that counts."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credits.period.period_data import PeriodData
from monitor.domain.checks.observation import ComponentId, Outcome
from monitor.domain.incidents.incident import Incident, Phase
from monitor.domain.refusals import Refused
from monitor.domain.text import plain
from monitor.domain.time.interval import Interval, Second
from statuspage.parts.component_history import history_of
from tests.incidents.operators import TITLE, WORDS, Desk
from tests.support.worlds import T0, World

NAMES = ("web", "dns", "mail")
STEPS = 3
stories = st.fixed_dictionaries({n: st.text("++++-~?", min_size=12, max_size=12) for n in NAMES})
statuses = st.dictionaries(
    st.sampled_from(NAMES), st.sampled_from((Outcome.DOWN, Outcome.DEGRADED, Outcome.UP))
)
words = st.lists(
    st.tuples(st.sampled_from(("open", "past", "update", "resolve", "reopen", "link")), statuses),
    max_size=4,
)
scripts = st.lists(words, min_size=STEPS, max_size=STEPS)


@contextmanager
def new_world() -> Iterator[World]:
    folder = tempfile.mkdtemp()
    try:
        world = World(Path(folder))
        yield world
        world.journal.close()
    finally:
        shutil.rmtree(folder)


def figures(world: World) -> dict[str, Any]:
    """Bars, shares and months of the page, outages of the report, and what the core keeps."""
    view, span = Desk(world).view(), Interval(T0, world.clock.now())
    history = history_of(view)
    with world.journal.transaction() as tx:
        period = PeriodData(tx, world.catalogues, span)
        return {
            "days": {c.id: c.days for c in view.components},
            "total": {c.id: c.total for c in view.components},
            "beneath": {c.id: c.beneath for c in view.components},
            "bars": history.days,
            "months": history.months,
            "timelines": {n: period.timeline(ComponentId(n)) for n in NAMES},
            "outages": {n: list(period.outages_of(ComponentId(n), (), span)) for n in NAMES},
            "transitions": tx.transitions.drawing(span),
            "states": tx.folds.states(),
            "machine": [
                (i.id, i.affected, i.phase, i.resolved_at)
                for i in tx.incidents.touching(span)
                if i.affected
            ],
        }


def tell(desk: Desk, what: str, said: dict[str, Outcome], told: list[Incident]) -> None:
    """One thing that a person does to what people have told; refusals are no matter."""
    now = desk.world.clock.now()
    acts: dict[str, Callable[[], object]] = {
        "open": lambda: told.append(
            desk.by_hand.open(title=TITLE, text=WORDS, statuses=dict(said))
        ),
        "past": lambda: told.append(
            desk.by_hand.open(
                title=TITLE,
                text=WORDS,
                statuses=dict(said),
                phase=Phase.RESOLVED,
                started_at=Second(now - 5 * 3600),
                ended_at=Second(now - 60),
            )
        ),
        "update": lambda: desk.commands.update(told[-1].id, text=WORDS, statuses=dict(said)),
        "resolve": lambda: desk.commands.resolve(told[-1].id, text=WORDS),
        "reopen": lambda: desk.by_hand.reopen(told[-1].id, text=WORDS),
        "link": lambda: desk.joining.link(told[-1].id, desk.every()[0].id),
    }
    if told or what in ("open", "past"):
        try:
            acts[what]()
        except Refused:
            return


@pytest.mark.timeout(300)
@settings(
    max_examples=15, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(lived=stories, script=scripts)
def test_no_second_of_any_figure_depends_on_what_people_tell(
    lived: dict[str, str], script: list[list[tuple[str, dict[str, Outcome]]]]
) -> None:
    with new_world() as silent, new_world() as spoken:
        told: list[Incident] = []
        length = 12 // STEPS
        for step, said in enumerate(script):
            piece = {n: s[step * length : (step + 1) * length] for n, s in lived.items()}
            silent.live(**piece)
            spoken.live(**piece)
            for what, named in said:
                tell(Desk(spoken), what, named, told)
        silent.live(web="+", dns="+", mail="+")
        spoken.live(web="+", dns="+", mail="+")
        assert figures(spoken) == figures(silent)


def test_merging_and_splitting_move_no_second_either(tmp_path: Path) -> None:
    """Only the names of the incidents that an outage is in change."""
    (tmp_path / "silent").mkdir()
    (tmp_path / "spoken").mkdir()
    silent, spoken = World(tmp_path / "silent"), World(tmp_path / "spoken")
    desk = Desk(spoken)
    for world in (silent, spoken):
        world.live(web="++---", dns="+++++", mail="++---")
    web, mail = desk.opened_by_machine("web"), desk.opened_by_machine("mail")
    told = desk.by_hand.open(title=TITLE, text=WORDS, statuses={"web": Outcome.DOWN})
    desk.joining.merge(mail.id, web.id, text=WORDS)
    desk.joining.merge(web.id, told.id, text=WORDS)
    for world in (silent, spoken):
        world.live(web="--++", dns="++++", mail="----")
    desk.joining.split(told.id, ["mail"], title=TITLE, text=WORDS)
    desk.commands.resolve(told.id, text=plain("Ya está."))
    for world in (silent, spoken):
        world.live(web="++++", dns="++++", mail="--++")
    one, other = figures(silent), figures(spoken)
    for found in (one, other):
        found.pop("machine")
        for outages in found["outages"].values():
            assert all(o.incidents for o in outages), "each outage is in an incident"
        found["outages"] = json.loads(json.dumps(found["outages"], default=_without_names))
    assert other == one


def _without_names(outage: Any) -> Any:
    return str((outage.component, outage.start, outage.end, outage.cause, outage.counted))
