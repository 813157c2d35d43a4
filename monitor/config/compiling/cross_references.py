"""Faults that only show in the whole document: ids that are not unique, references that lead
nowhere or in a circle, numbers that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from monitor.config.compiling.effective_settings import contradictory_settings
from monitor.config.contrast import NEEDED, THEMES, unreadable
from monitor.config.errors import Fault, Path, show, write_path
from monitor.config.registries import Registries
from monitor.config.schema.brands import BrandPageSchema
from monitor.config.schema.services import ComponentSchema, ConfigSchema
from monitor.net.host_names import ascii_host

DEFAULT_CONNECTIVITY = "default"
NO_CONNECTIVITY = "none"

_GUESSES = 20

_COMPONENTS = ("services", "components")
_UNIQUE: Mapping[str, tuple[str, ...]] = {
    "support level": ("support",),
    "terms": ("terms",),
    "mirror": ("page", "mirrors"),
    "brand page": ("page", "brands", "page"),
    "connectivity check": ("connectivity", "further_checks"),
    "route": ("alerts", "routes"),
    "target": ("alerts", "routes", "via"),
    "service": ("services",),
    "component": _COMPONENTS,
    "check": (*_COMPONENTS, "checks"),
}


def faults_in_document(value: Any) -> list[Fault]:
    """Duplicate ids, and dependencies that lead nowhere or in a circle. They are found also where
    something else is wrong with their owners. Paths are the document's."""
    faults = [fault for kind, way in _UNIQUE.items() for fault in _duplicates(kind, value, way)]
    graph = {at: _dependencies_of(item) for at, item in _each(value, _COMPONENTS)}
    names = {at: str(item["id"]) for at, item in _each(value, _COMPONENTS)}
    return [*faults, *_unknown_dependencies(graph, list(names.values())), *_cycles(graph, names)]


def faults_in_schema(shape: ConfigSchema, value: Any, registries: Registries) -> list[Fault]:
    """Faults of references and numbers. Paths are the shape's; `value` has the document's ids."""
    components = [str(item["id"]) for _, item in _each(value, _COMPONENTS)]
    faults: list[Fault] = []
    for at, component in components_of(shape):
        faults += _quorum(at, component)
    faults += _connectivity_checks(shape, value)
    faults += _routes(shape, components)
    faults += _required(shape, components)
    faults += _policies(shape, registries)
    faults += contradictory_settings(shape)
    faults += _listeners(shape)
    faults += _mirrors(shape)
    faults += _brand_pages(shape, components)
    return faults


def _mirrors(shape: ConfigSchema) -> Iterator[Fault]:
    """One that is in two places would be two."""
    for place, mirror in enumerate(shape.page.mirrors):
        given = [name for name in ("folder", "s3", "git") if getattr(mirror, name) is not None]
        if len(given) != 1:
            wanted = "must be exactly one of folder, s3 and git"
            yield Fault(
                path=("page", "mirrors", place), wanted=wanted, got=", ".join(given) or "none"
            )
        elif mirror.folder is not None and not PurePath(mirror.folder).is_absolute():
            path: Path = ("page", "mirrors", place, "folder")
            yield Fault(path=path, wanted="must be an absolute path", got=show(mirror.folder))


def _brand_pages(shape: ConfigSchema, components: list[str]) -> Iterator[Fault]:
    """What they show that is not there, and ids and hosts that lead to two of them."""
    known = {"services": [s.id for s in shape.services], "components": components}
    hosts: dict[str, Path] = {host_of_url(shape.page.url): ("page", "url")}
    ids: dict[str, Path] = {}
    for b, brand in enumerate(shape.page.brands):
        page, at = brand.page, ("page", "brands", b, "page")
        if page is None:
            continue
        yield from _shown(page, at, known)
        yield from _unreadable_colours(page, at)
        yield from _taken("id", [((*at, "id"), page.id)], ids)
        places: list[tuple[Path, str]] = [((*at, "url"), host_of_url(page.url))]
        places += [((*at, "hosts", i), asked_host(host)) for i, host in enumerate(page.hosts)]
        yield from _taken("host", places, hosts)


def _shown(page: BrandPageSchema, at: Path, known: Mapping[str, list[str]]) -> Iterator[Fault]:
    if not page.services and not page.components:
        yield Fault(path=at, wanted="must have services or components that it shows")
    for key, names in (("services", page.services), ("components", page.components)):
        for index, name in enumerate(names):
            if name not in known[key]:
                yield _missing((*at, key, index), key.removesuffix("s"), name, known[key])


def _unreadable_colours(page: BrandPageSchema, at: Path) -> Iterator[Fault]:
    for theme, colours in THEMES.items() if page.colours is not None else ():
        colour = getattr(page.colours, theme)
        found = unreadable(colour, colours)
        if found is not None:
            yield Fault(
                path=(*at, "colours", theme),
                wanted=(
                    f"must have a contrast of {NEEDED} with what it meets in the {theme} theme;"
                    f" with {found.against} it has {found.ratio:.2f}, and the nearest that has is"
                    f" {found.nearest}"
                ),
                got=show(colour),
            )


def _taken(what: str, places: list[tuple[Path, str]], first: dict[str, Path]) -> Iterator[Fault]:
    """Values that were there before; `first` has each with the place where it stood first."""
    for path, value in places:
        before = first.setdefault(value, path)
        if before != path:
            wanted = f"must be another {what} than that of {write_path(before)}"
            yield Fault(path=path, wanted=wanted, got=show(value))


def host_of_url(url: str) -> str:
    """As `asked_host`, without its port."""
    return asked_host(urlsplit(url).hostname or "")


def asked_host(name: str) -> str:
    """As browsers ask for it, however it was typed: two spellings of one name lead to one page.

    >>> asked_host("Español.example."), asked_host("STATUS.acme.example")
    ('xn--espaol-zwa.example', 'status.acme.example')
    """
    with suppress(ValueError):
        name = ascii_host(name)
    return name.lower().removesuffix(".")


def _listeners(shape: ConfigSchema) -> Iterator[Fault]:
    """Two roles at one address: one of them would answer for the other."""
    places: list[tuple[Path, str]] = [
        (("page", "listen"), shape.page.listen),
        (("operations", "listen"), shape.operations.listen),
        (("operations", "history"), shape.operations.history),
        (("operations", "console", "listen"), shape.operations.console.listen),
    ]
    taken: dict[str, Path] = {}
    for path, address in places:
        # Port 0 is another one each time.
        if address in taken and not address.endswith(":0"):
            wanted = f"must be another address than {'.'.join(map(str, taken[address]))}"
            yield Fault(path=path, wanted=wanted, got=show(address))
        taken.setdefault(address, path)


def components_of(shape: ConfigSchema) -> Iterator[tuple[Path, ComponentSchema]]:
    """Every component with its path."""
    for s, service in enumerate(shape.services):
        for c, component in enumerate(service.components):
            yield ("services", s, "components", c), component


def _each(value: Any, way: tuple[str, ...], at: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every mapping with an id that stands in the lists along the way."""
    key, rest = way[0], way[1:]
    below = value.get(key) if isinstance(value, dict) else None
    if isinstance(below, dict) and rest:
        yield from _each(below, rest, (*at, key))
    for index, item in enumerate(below if isinstance(below, list) else ()):
        place = (*at, key, index)
        if rest:
            yield from _each(item, rest, place)
        elif isinstance(item, dict) and isinstance(item.get("id"), str):
            yield place, item


def _duplicates(kind: str, value: Any, way: tuple[str, ...]) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for at, item in _each(value, way):
        before = first.setdefault(item["id"], at)
        if before != at:
            wanted = f"must be the only {kind} of that id; {write_path(before)} has it too"
            yield Fault(path=(*at, "id"), wanted=wanted, got=show(item["id"]))


def _missing(path: Path, kind: str, wanted: str, known: list[str]) -> Fault:
    near = get_close_matches(wanted, known, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else ""
    return Fault(path=path, wanted=f"must be the id of a {kind}{hint}", got=show(wanted))


def _dependencies_of(component: dict[str, Any]) -> list[str]:
    wanted = component.get("depends_on")
    return [w for w in wanted if isinstance(w, str)] if isinstance(wanted, list) else []


def _unknown_dependencies(graph: Mapping[Path, list[str]], known: list[str]) -> Iterator[Fault]:
    ids = frozenset(known)
    unknown = [
        ((*at, "depends_on", index), wanted)
        for at, dependencies in graph.items()
        for index, wanted in enumerate(dependencies)
        if wanted not in ids
    ]
    # A guess compares with every id: guesses for the first few are enough to see what went wrong.
    for number, (path, wanted) in enumerate(unknown):
        yield _missing(path, "component", wanted, known if number < _GUESSES else [])


def _quorum(at: Path, component: ComponentSchema) -> Iterator[Fault]:
    deciding = sum(check.affects != "nothing" for check in component.checks)
    if component.quorum is not None and component.quorum > max(deciding, 1):
        wanted = f"must be at most the number of its checks that decide ({deciding})"
        yield Fault(
            path=(*at, "quorum"),
            wanted=wanted,
            got=show(component.quorum),
            compares=((*at, "checks"),),
        )


def _cycles(graph: Mapping[Path, list[str]], names: Mapping[Path, str]) -> Iterator[Fault]:
    """One fault for each circle, which shows all of it, at its first component."""
    places = {name: at for at, name in names.items()}
    edges = {names[at]: wanted for at, wanted in graph.items()}
    done: set[str] = set()
    for start in edges:
        for cycle in _cycles_from(start, edges, done):
            shown = " → ".join([*cycle, cycle[0]])
            wanted = f"must not lead back to itself ({shown})"
            yield Fault(path=(*places[cycle[0]], "depends_on"), wanted=wanted)


def _cycles_from(start: str, graph: Mapping[str, list[str]], done: set[str]) -> Iterator[list[str]]:
    """Depth first, without recursion: a chain may be as long as the catalogue."""
    trail: list[str] = []
    open_steps: list[Iterator[str]] = [iter([start])]
    while open_steps:
        step = next(open_steps[-1], None)
        if step is None:
            open_steps.pop()
            if trail:
                done.add(trail.pop())
        elif step in trail:
            yield trail[trail.index(step) :]
        elif step in graph and step not in done:
            trail.append(step)
            open_steps.append(iter(graph[step]))


def _connectivity_checks(shape: ConfigSchema, value: Any) -> Iterator[Fault]:
    connectivity = value.get("connectivity") if isinstance(value, dict) else None
    known = [item["id"] for _, item in _each(value, ("connectivity", "further_checks"))]
    if connectivity is not None:
        known.append(DEFAULT_CONNECTIVITY)
    for at, component in components_of(shape):
        for index, check in enumerate(component.checks):
            named = check.connectivity_check
            if named not in (None, NO_CONNECTIVITY, *known):
                place = (*at, "checks", index, "connectivity_check")
                yield _missing(place, "connectivity check, or none", str(named), known)
    if shape.connectivity is None:
        return
    further = shape.connectivity.further_checks
    lines: list[tuple[Path, Any]] = [(("connectivity",), shape.connectivity)]
    lines += [(("connectivity", "further_checks", i), one) for i, one in enumerate(further)]
    for at, line in lines:
        if line.need > len(line.targets):
            wanted = f"must be at most the number of targets ({len(line.targets)})"
            yield Fault(
                path=(*at, "need"),
                wanted=wanted,
                got=show(line.need),
                compares=((*at, "targets"),),
            )
    for index, line in enumerate(further):
        if line.id in (DEFAULT_CONNECTIVITY, NO_CONNECTIVITY):
            wanted = "must not be default or none, which mean something already"
            yield Fault(path=("connectivity", "further_checks", index, "id"), wanted=wanted)


def _routes(shape: ConfigSchema, components: list[str]) -> Iterator[Fault]:
    for r, route in enumerate(shape.alerts.routes):
        for index, wanted in enumerate(route.components or ()):
            if wanted not in components:
                place = ("alerts", "routes", r, "components", index)
                yield _missing(place, "component", wanted, components)


def _required(shape: ConfigSchema, components: list[str]) -> Iterator[Fault]:
    for t, terms in enumerate(shape.terms):
        for index, wanted in enumerate(terms.required or ()):
            if wanted not in components:
                yield _missing(("terms", t, "required", index), "component", wanted, components)
        panel = terms.request_paused_by
        if panel is not None and panel not in components:
            yield _missing(("terms", t, "request_paused_by"), "component", panel, components)


def _policies(shape: ConfigSchema, registries: Registries) -> Iterator[Fault]:
    for index, terms in enumerate(shape.terms):
        at: Path = ("terms", index)
        if terms.policy not in registries.policy_names:
            wanted = f"must be one of {', '.join(registries.policy_names)}"
            yield Fault(path=(*at, "policy"), wanted=wanted, got=show(terms.policy))
        elif (terms.policy, terms.policy_version) not in registries.policies:
            versions = [str(v) for name, v in registries.policies if name == terms.policy]
            wanted = f"must be a version of {terms.policy}: {', '.join(versions)}"
            yield Fault(path=(*at, "policy_version"), wanted=wanted, got=show(terms.policy_version))
