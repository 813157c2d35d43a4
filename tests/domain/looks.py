"""Builders of observations, as short as the stories that tests tell with them."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.domain.checks.fold import FoldInput, FoldState, Policy, Transition, advance
from monitor.domain.checks.observation import FailureId, Outcome
from monitor.domain.time.interval import Second

_OUTCOMES = {"+": Outcome.UP, "-": Outcome.DOWN, "~": Outcome.DEGRADED, "?": Outcome.UNKNOWN}
_FAILURES = {"-": FailureId("conn_refused"), "~": FailureId("too_slow")}
POLICY = Policy(interval=60, max_gap=120, confirm_down=3, confirm_up=1)


def looks(story: str, *, every: int = 60, start: int = 0) -> list[FoldInput]:
    """`+` up, `-` down, `~` slow, `?` unknown, a space: no look at all in that slot."""
    return [
        FoldInput(
            slot=Second(start + i * every), outcome=_OUTCOMES[mark], failure=_FAILURES.get(mark)
        )
        for i, mark in enumerate(story)
        if mark != " "
    ]


def fold(
    seen: Iterable[FoldInput], policy: Policy = POLICY, state: FoldState | None = None
) -> tuple[FoldState, list[Transition]]:
    state = FoldState() if state is None else state
    out: list[Transition] = []
    for look in seen:
        state, decided = advance(state, look, policy)
        out.extend(decided)
    return state, out


def drawn(transitions: Iterable[Transition]) -> list[tuple[str, int]]:
    """The transitions as (to, effective_at)."""
    return [(t.to.value, t.effective_at) for t in transitions]
