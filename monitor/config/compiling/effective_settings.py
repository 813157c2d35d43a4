"""How a check is judged: its own settings over the defaults, and contradictions between them."""

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
    """The settings that hold for one check: seconds, and milliseconds where the name says so."""

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
        """Raises ValueError for settings that contradict each other."""
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
    """The check's own settings where it has them, else the defaults."""
    interval = _or_default(check.interval, defaults.interval)
    gap = _or_default(check.max_gap, _or_default(defaults.max_gap, GAP_INTERVALS * interval))
    return EffectiveSettings(
        interval=interval,
        timeout_ms=_or_default(check.timeout, defaults.timeout),
        confirm_down=_or_default(check.confirm_down, defaults.confirm_down),
        confirm_up=_or_default(check.confirm_up, defaults.confirm_up),
        max_gap=gap,
        slow_ms=check.slow if check.slow is not None else defaults.slow,
        slow_confirm=_or_default(check.slow_confirm, defaults.slow_confirm),
        slow_window=_or_default(check.slow_window, defaults.slow_window),
    )


def _or_default(own: int | None, default: int) -> int:
    return default if own is None else own


def contradictory_settings(shape: ConfigSchema) -> Iterator[Fault]:
    """Contradictions, each at the check's own setting; those among the defaults once."""
    defaults = shape.defaults
    at: Path = ("defaults",)
    of_defaults = list(_contradictions(at, defaults, defaults))
    yield from (replace(fault, compares=_judging_paths(at)) for fault in of_defaults)
    inherited = {fault.path[-1] for fault in of_defaults}
    for at, check in _checks_of(shape):
        for fault in _contradictions(at, check, defaults):
            if fault.path[-1] not in inherited or check.model_fields_set & _JUDGING:
                compares = (*_judging_paths(at), *_judging_paths(("defaults",)))
                yield replace(fault, compares=compares)


def _checks_of(shape: ConfigSchema) -> Iterator[tuple[Path, CheckSchema]]:
    for s, service in enumerate(shape.services):
        for c, component in enumerate(service.components):
            for k, check in enumerate(component.checks):
                yield ("services", s, "components", c, "checks", k), check


def _judging_paths(at: Path) -> tuple[Path, ...]:
    return tuple((*at, key) for key in sorted(_JUDGING))


_JUDGING = {"interval", "timeout", "max_gap", "slow", "slow_confirm", "slow_window"}


def _contradictions(
    at: Path, own: CheckSchema | DefaultsSchema, defaults: DefaultsSchema
) -> Iterator[Fault]:
    settings = effective_settings(own, defaults)
    given = own.model_fields_set
    if settings.interval < 1:
        yield Fault(path=(*at, "interval"), wanted="must be at least 1s", got="0s")
    yield from _timeout(at, settings, given)
    yield from _gap(at, settings, given)
    if settings.slow_ms is not None and "slow" in given and settings.slow_ms >= settings.timeout_ms:
        wanted = f"must be shorter than timeout ({write_duration(settings.timeout_ms)})"
        yield Fault(path=(*at, "slow"), wanted=wanted, got=write_duration(settings.slow_ms))
    yield from _slow_window(at, settings, given)


def _slow_window(at: Path, settings: EffectiveSettings, given: set[str]) -> Iterator[Fault]:
    confirm, window = settings.slow_confirm, settings.slow_window
    if window >= confirm:
        return
    if "slow_confirm" in given:
        wanted = f"must be at most slow_window ({window})"
        yield Fault(path=(*at, "slow_confirm"), wanted=wanted, got=str(confirm))
    else:
        wanted = f"must be at least slow_confirm ({confirm})"
        yield Fault(path=(*at, "slow_window"), wanted=wanted, got=str(window))


def _timeout(at: Path, settings: EffectiveSettings, given: set[str]) -> Iterator[Fault]:
    interval_ms = settings.interval * 1000
    if settings.timeout_ms < 1:
        yield Fault(path=(*at, "timeout"), wanted="must be at least 1ms", got="0s")
    if settings.timeout_ms < interval_ms or not settings.interval:
        return
    interval, timeout = write_duration(interval_ms), write_duration(settings.timeout_ms)
    if "interval" in given and "timeout" not in given:
        wanted = f"must be longer than timeout ({timeout})"
        yield Fault(path=(*at, "interval"), wanted=wanted, got=interval)
    else:
        wanted = f"must be shorter than interval ({interval})"
        yield Fault(path=(*at, "timeout"), wanted=wanted, got=timeout)


def _gap(at: Path, settings: EffectiveSettings, given: set[str]) -> Iterator[Fault]:
    if settings.max_gap >= settings.interval:
        return
    interval = write_duration(settings.interval * 1000)
    gap = write_duration(settings.max_gap * 1000)
    if "interval" in given and "max_gap" not in given:
        wanted = f"must be at most max_gap ({gap})"
        yield Fault(path=(*at, "interval"), wanted=wanted, got=interval)
    else:
        wanted = f"must be at least interval ({interval})"
        yield Fault(path=(*at, "max_gap"), wanted=wanted, got=gap)
