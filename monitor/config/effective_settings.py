"""How a check is judged: its own figures over the defaults, and the faults of the two together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.config.errors import Fault, Path
from monitor.config.schema.services import CheckSchema, ConfigSchema, DefaultsSchema
from monitor.config.schema.values import write_duration
from monitor.domain.checks.fold import Policy

GAP_INTERVALS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveSettings:
    """The figures that hold for one check: seconds, and milliseconds where the name says so."""

    interval: int
    timeout_ms: int
    confirm_down: int
    confirm_up: int
    max_gap: int
    slow_ms: int | None
    slow_confirm: int
    slow_window: int

    @property
    def policy(self) -> Policy:
        """Raises ValueError for figures that contradict each other."""
        return Policy(
            interval=self.interval,
            max_gap=self.max_gap,
            confirm_down=self.confirm_down,
            confirm_up=self.confirm_up,
            slow_confirm=self.slow_confirm,
            slow_window=self.slow_window,
        )


def effective_settings(
    check: CheckSchema | DefaultsSchema, defaults: DefaultsSchema
) -> EffectiveSettings:
    """The check's own where it has them, else the defaults'."""
    interval = _own(check.interval, defaults.interval)
    gap = _own(check.max_gap, _own(defaults.max_gap, GAP_INTERVALS * interval))
    return EffectiveSettings(
        interval=interval,
        timeout_ms=_own(check.timeout, defaults.timeout),
        confirm_down=_own(check.confirm_down, defaults.confirm_down),
        confirm_up=_own(check.confirm_up, defaults.confirm_up),
        max_gap=gap,
        slow_ms=check.slow if check.slow is not None else defaults.slow,
        slow_confirm=_own(check.slow_confirm, defaults.slow_confirm),
        slow_window=_own(check.slow_window, defaults.slow_window),
    )


def _own(mine: int | None, otherwise: int) -> int:
    return otherwise if mine is None else mine


def judging_faults(shape: ConfigSchema) -> Iterator[Fault]:
    """Contradictions, each at the figure that is the check's own; those among the defaults once."""
    defaults = shape.defaults
    at: Path = ("defaults",)
    of_defaults = list(_contradictions(at, defaults, defaults))
    yield from (replace(fault, compares=_figures_at(at)) for fault in of_defaults)
    inherited = {fault.path[-1] for fault in of_defaults}
    for at, check in _checks_of(shape):
        for fault in _contradictions(at, check, defaults):
            if fault.path[-1] not in inherited or check.model_fields_set & _JUDGING:
                compares = (*_figures_at(at), *_figures_at(("defaults",)))
                yield replace(fault, compares=compares)


def _checks_of(shape: ConfigSchema) -> Iterator[tuple[Path, CheckSchema]]:
    for s, service in enumerate(shape.services):
        for c, component in enumerate(service.components):
            for k, check in enumerate(component.checks):
                yield ("services", s, "components", c, "checks", k), check


def _figures_at(at: Path) -> tuple[Path, ...]:
    return tuple((*at, key) for key in sorted(_JUDGING))


_JUDGING = {"interval", "timeout", "max_gap", "slow", "slow_confirm", "slow_window"}


def _contradictions(
    at: Path, own: CheckSchema | DefaultsSchema, defaults: DefaultsSchema
) -> Iterator[Fault]:
    figures = effective_settings(own, defaults)
    given = own.model_fields_set
    if figures.interval < 1:
        yield Fault(path=(*at, "interval"), wanted="must be at least 1s", got="0s")
    yield from _timeout(at, figures, given)
    yield from _gap(at, figures, given)
    if figures.slow_ms is not None and "slow" in given and figures.slow_ms >= figures.timeout_ms:
        wanted = f"must be shorter than timeout ({write_duration(figures.timeout_ms)})"
        yield Fault(path=(*at, "slow"), wanted=wanted, got=write_duration(figures.slow_ms))
    yield from _slow_window(at, figures, given)


def _slow_window(at: Path, figures: EffectiveSettings, given: set[str]) -> Iterator[Fault]:
    confirm, window = figures.slow_confirm, figures.slow_window
    if window >= confirm:
        return
    if "slow_confirm" in given:
        wanted = f"must be at most slow_window ({window})"
        yield Fault(path=(*at, "slow_confirm"), wanted=wanted, got=str(confirm))
    else:
        wanted = f"must be at least slow_confirm ({confirm})"
        yield Fault(path=(*at, "slow_window"), wanted=wanted, got=str(window))


def _timeout(at: Path, figures: EffectiveSettings, given: set[str]) -> Iterator[Fault]:
    interval_ms = figures.interval * 1000
    if figures.timeout_ms < 1:
        yield Fault(path=(*at, "timeout"), wanted="must be at least 1ms", got="0s")
    if figures.timeout_ms < interval_ms or not figures.interval:
        return
    interval, timeout = write_duration(interval_ms), write_duration(figures.timeout_ms)
    if "interval" in given and "timeout" not in given:
        wanted = f"must be longer than timeout ({timeout})"
        yield Fault(path=(*at, "interval"), wanted=wanted, got=interval)
    else:
        wanted = f"must be shorter than interval ({interval})"
        yield Fault(path=(*at, "timeout"), wanted=wanted, got=timeout)


def _gap(at: Path, figures: EffectiveSettings, given: set[str]) -> Iterator[Fault]:
    if figures.max_gap >= figures.interval:
        return
    interval = write_duration(figures.interval * 1000)
    gap = write_duration(figures.max_gap * 1000)
    if "interval" in given and "max_gap" not in given:
        wanted = f"must be at most max_gap ({gap})"
        yield Fault(path=(*at, "interval"), wanted=wanted, got=interval)
    else:
        wanted = f"must be at least interval ({interval})"
        yield Fault(path=(*at, "max_gap"), wanted=wanted, got=gap)
