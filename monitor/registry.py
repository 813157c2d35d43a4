"""Kinds by name: one registry class for probes, channels, result stores and credit policies.

The product's own kinds are import paths in a table of their package. Those of other distributions
are entry points. A kind is loaded at its first lookup, so that a role loads only what it uses. A
plugin that cannot be loaded gives one sentence to whoever looks its kind up, and does not affect
anybody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

from monitor.domain.untrusted_text import visible

T = TypeVar("T")
V = TypeVar("V")
_EMPTY: Mapping[str, Any] = {}
"""One empty mapping that all share: ten thousand specifications have four each."""
EXTRA_FORBIDDEN = {"extra": "forbid"}
"""Every specification's `__pydantic_config__`: an unknown setting is refused, never ignored."""


class Kind(Protocol):
    """What a registry holds."""

    @property
    def name(self) -> str:
        """The name that configurations and terms use."""
        ...


K = TypeVar("K", bound=Kind)


class KindUnusable(LookupError):
    """A kind that exists and cannot be used. The message is one sentence on one line."""


class Registry(Mapping[str, K], Generic[K]):
    """Maps a name to its kind; the product's own kinds come before those of plugins.

    `what` names such a kind in messages. `ours` maps a name to `package.module:ATTRIBUTE`. `group`
    is the group of entry points of other distributions. A lookup raises KeyError where no kind has
    that name, and KindUnusable where its plugin is broken.
    """

    def __init__(self, what: str, kind: type[K], ours: Mapping[str, str], group: str) -> None:
        self._what = what
        self._kind = kind
        self._ours = ours
        self._group = group
        self._loaded: dict[str, K] = {}
        self._broken: dict[str, str] = {}

    def __getitem__(self, name: str) -> K:
        if name not in self._loaded:
            if name in self._broken:
                raise KindUnusable(self._broken[name])
            self._load(name)
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        """Whether a kind has that name, usable or not."""
        return name in self._ours or name in self._plugins

    def __iter__(self) -> Iterator[str]:
        """Every name, in the order of help and documentation. Loads no kind."""
        return chain(self._ours, self._plugins)

    def __len__(self) -> int:
        return len(self._ours) + len(self._plugins)

    def why_broken(self, name: str, error: Exception) -> str:
        """One sentence about a kind that is loaded and does not work."""
        return f"the {self._what} {name} cannot be used: {_in_one_line(error)}"

    def why_unusable(self, name: str) -> str:
        """Why a kind cannot be used, in one sentence; empty where it can be used."""
        try:
            self[name]
        except KindUnusable as error:
            return str(error)
        except KeyError:
            return f"this program has no {self._what} {name}"
        return ""

    def usable(self) -> dict[str, K]:
        """Load every kind that can be loaded, and return them."""
        return {name: kind for name in self if (kind := self._usable(name)) is not None}

    def problems(self) -> tuple[str, ...]:
        """A sentence for each plugin that cannot be used."""
        self.usable()
        return (*self._broken.values(), *self._shadowed)

    def _usable(self, name: str) -> K | None:
        try:
            return self[name]
        except KindUnusable:
            return None

    def _load(self, name: str) -> None:
        if name in self._ours:
            module, _, attribute = self._ours[name].partition(":")
            self._loaded[name] = getattr(import_module(module), attribute)
            return
        entry = self._plugins[name]
        try:
            kind = entry.load()
        except (Exception, SystemExit) as error:
            raise self._unusable(entry, _in_one_line(error)) from error
        if not isinstance(kind, self._kind) or kind.name != name:
            raise self._unusable(entry, f"it is no {self._kind.__name__} of that name")
        self._loaded[name] = kind

    def _unusable(self, entry: EntryPoint, why: str) -> KindUnusable:
        message = f"the {self._what} {entry.name} cannot be used: {entry.value}: {why}"
        self._broken[entry.name] = message
        return KindUnusable(message)

    @cached_property
    def _entries(self) -> tuple[EntryPoint, ...]:
        return tuple(sorted(entry_points(group=self._group), key=lambda entry: entry.name))

    @cached_property
    def _plugins(self) -> Mapping[str, EntryPoint]:
        found: dict[str, EntryPoint] = {}
        for entry in self._entries:
            if entry.name not in self._ours:
                found.setdefault(entry.name, entry)
        return found

    @cached_property
    def _shadowed(self) -> tuple[str, ...]:
        used = set(self._plugins.values())
        return tuple(
            f"the {self._what} {entry.name} of {entry.value} is not used: the name is taken"
            for entry in self._entries
            if entry not in used
        )


class Lazy(Mapping[str, V], Generic[K, V]):
    """Maps a name to what `make` makes of its kind in a registry, at the first lookup.

    Where there is no such kind, it cannot be used or `make` fails, `fallback` makes a substitute
    of a sentence that says so. Without a fallback the lookup raises what a registry raises.
    """

    def __init__(
        self,
        registry: Registry[K],
        make: Callable[[K], V],
        fallback: Callable[[str], V] | None = None,
    ) -> None:
        self._registry = registry
        self._make = make
        self._fallback = fallback
        self._made: dict[str, V] = {}

    def __getitem__(self, name: str) -> V:
        if name not in self._made:
            self._made[name] = self._make_or_substitute(name)
        return self._made[name]

    def _make_or_substitute(self, name: str) -> V:
        why = self._registry.why_unusable(name)
        if not why:
            try:
                return self._make(self._registry[name])
            except Exception as error:  # noqa: BLE001 - a plugin's factory may raise anything
                why = self._registry.why_broken(name, error)
        if self._fallback is not None:
            return self._fallback(why)
        if name not in self._registry:
            raise KeyError(name)
        raise KindUnusable(why)

    def __iter__(self) -> Iterator[str]:
        return iter(self._registry)

    def __len__(self) -> int:
        return len(self._registry)


def _in_one_line(error: BaseException) -> str:
    message = " ".join(visible(str(error)).split())
    return f"{type(error).__name__}: {message}"


def usable(kinds: Mapping[str, T]) -> Mapping[str, T]:
    """The kinds of a registry that can be loaded; any other mapping unchanged."""
    found: Mapping[str, T] = kinds.usable() if isinstance(kinds, Registry) else kinds
    return found


def problems(*registries: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence for each plugin that cannot be used."""
    return tuple(chain.from_iterable(r.problems() for r in registries if isinstance(r, Registry)))


def setting(description: str, default: T) -> T:
    """A field of a specification with its line in `--help` and in the JSON Schema."""
    return field(default=default, metadata={"description": description})


def mapping_setting(description: str) -> Any:
    """The same for a mapping, which is empty by default."""
    return field(default_factory=lambda: _EMPTY, metadata={"description": description})


def required(description: str) -> Any:
    """The same for a field that `from_target` gives, or that has no default."""
    return field(metadata={"description": description})
