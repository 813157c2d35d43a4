"""A YAML text as plain values, with the line of each, in a safe subset of YAML.

In short, the core schema of YAML 1.2: only `true` and `false` are booleans, only decimal digits
are numbers, so that `no`, `1:30` and `010` stay what they look like. Duplicate keys, tags, alias
bombs, deep nesting and oversized texts are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from monitor.config.errors import Fault, Path

MAX_BYTES = 8 * 1024 * 1024
MAX_VALUES = 1_000_000
"""Values after every alias is written out; 2 000 services have about 150 000."""
MAX_DEPTH = 60

_CORE = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]+|(?:\.[0-9]+)?[eE][-+]?[0-9]{1,3})")
_SAFE_CONTROLS = str.maketrans("", "", "\n\t")


class Unreadable(Exception):
    """The text is not one YAML document, so nothing more can be said of it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.wanted)
        self.fault = fault


Scalar: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value that holds no others: a scalar, or an empty list or mapping; and its line."""

    path: Path
    line: int
    value: Scalar | list[object] | dict[str, object]


@dataclass(frozen=True, slots=True)
class Document:
    """`value` is made of dict, list, str, int, float, bool and None; keys are text."""

    value: Any
    faults: tuple[Fault, ...]
    _root: yaml.Node | None

    def line(self, path: Path) -> int:
        """The line where the deepest existing part of the path begins, counted from 1."""
        node, line = self._root, 1
        for part in path:
            found = _step(node, part)
            if found is None:
                return line
            node, line = found
        return line

    def has(self, path: Path) -> bool:
        """Whether the path leads to a value of the text."""
        node = self._root
        for part in path:
            found = _step(node, part)
            if found is None:
                return False
            node = found[0]
        return True


def read_document(text: str) -> Document:
    """Raises Unreadable where there is no document; other faults are collected in the document."""
    _refuse_oversized(text)
    root = _compose(text)
    if root is None:
        return Document(None, (), None)
    _refuse_bombs(root)
    reading = _Reading()
    value = reading.plain(root, ())
    return Document(value, tuple(reading.faults), root)


def read_leaves(text: str) -> Iterator[Leaf]:
    """In the order of the text; what an alias repeats has the line of what it repeats. Raises
    Unreadable; other faults are not said."""
    _refuse_oversized(text)
    root = _compose(text)
    if root is not None:
        _refuse_bombs(root)
        yield from _leaves(root, (), _line(root), _Reading())


class _Loader(yaml.CSafeLoader):
    """The C parser with our resolver, and a limit to the depth at which it would crash."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def descend_resolver(self, current_node: Any, current_index: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Unreadable(_whole(f"must not nest deeper than {MAX_DEPTH} levels"))

    def ascend_resolver(self) -> None:
        self.depth -= 1


_Loader.add_implicit_resolver(_CORE + "bool", re.compile(r"(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(_CORE + "null", re.compile(r"(?:~|null|)$"), ["~", "n", ""])
_Loader.add_implicit_resolver(
    _CORE + "int", re.compile(_INTEGER.pattern + "$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    _CORE + "float", re.compile(_FLOAT.pattern + "$"), list("-+.0123456789")
)


def _refuse_oversized(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        raise Unreadable(_whole("must be UTF-8 text")) from None
    if size > MAX_BYTES:
        raise Unreadable(_whole(f"must be at most {MAX_BYTES} bytes long", f"{size} bytes"))


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise Unreadable(_syntax(error)) from None
    except yaml.YAMLError as error:
        raise Unreadable(_whole(f"must be YAML: {_first_line(str(error))}")) from None


def _syntax(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    words = ", ".join(filter(None, (error.problem, error.context)))
    return Fault(path=(), wanted=f"must be YAML: {words}", line=mark.line + 1 if mark else 1)


def _refuse_bombs(root: yaml.Node) -> None:
    """Count the values that the aliases stand for without expanding them."""
    sizes: dict[int, int] = {}
    open_nodes: set[int] = set()

    def size(node: yaml.Node) -> int:
        key = id(node)
        if key in sizes:
            return sizes[key]
        if key in open_nodes:
            raise Unreadable(
                Fault(path=(), wanted="must not contain itself by an alias", line=_line(node))
            )
        open_nodes.add(key)
        sizes[key] = 1 + sum(map(size, _children(node)))
        open_nodes.discard(key)
        return sizes[key]

    total = size(root)
    if total > MAX_VALUES:
        raise Unreadable(
            _whole(f"must hold at most {MAX_VALUES} values, aliases written out", str(total))
        )


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


@dataclass(slots=True)
class _Reading:
    """Nodes into plain values; what an alias repeats is read once."""

    faults: list[Fault] = field(default_factory=list)
    _seen: dict[int, Any] = field(default_factory=dict)

    def plain(self, node: yaml.Node, path: Path) -> Any:
        key = id(node)
        if key not in self._seen:
            self._seen[key] = self._read(node, path)
        return self._seen[key]

    def _read(self, node: yaml.Node, path: Path) -> Any:
        if isinstance(node, yaml.MappingNode):
            self._refuse_tag(node, path, "map")
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._refuse_tag(node, path, "seq")
            return [self.plain(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        first_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = _line(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._add_fault(path, "must have plain words as keys", "a list or mapping", line)
                continue
            key = key_node.value
            if key in found:
                self._add_fault(
                    (*path, key), f"must stand once; it is on line {first_lines[key]} too",
                    "it again", line,
                )  # fmt: skip
                continue
            first_lines[key] = line
            found[key] = self.plain(value_node, (*path, key))
        return found

    def _scalar(self, node: yaml.Node, path: Path) -> Any:
        text: str = node.value
        if not text.isprintable() and not text.translate(_SAFE_CONTROLS).isprintable():
            self._add_fault(path, "must not contain control characters", "", _line(node))
            return "?"
        match node.tag.removeprefix(_CORE):
            case "str":
                return text
            case "bool":
                return text == "true"
            case "null":
                return None
            case "int" if _INTEGER.fullmatch(text):
                return int(text)
            case "float" if _FLOAT.fullmatch(text):
                number = float(text)
                return number if math.isfinite(number) else text
        self._refuse_tag(node, path, "str")
        return text

    def _refuse_tag(self, node: yaml.Node, path: Path, usual: str) -> None:
        if node.tag != _CORE + usual:
            self._add_fault(path, "must not carry a YAML tag", _short(node.tag), _line(node))

    def _add_fault(self, path: Path, wanted: str, got: str, line: int) -> None:
        self.faults.append(Fault(path=path, wanted=wanted, got=got, line=line))


def _leaves(node: yaml.Node, path: Path, line: int, reading: _Reading) -> Iterator[Leaf]:
    if isinstance(node, yaml.MappingNode) and node.value:
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            yield from _leaves(value, (*path, name), _line(key), reading)
    elif isinstance(node, yaml.SequenceNode) and node.value:
        for index, item in enumerate(node.value):
            yield from _leaves(item, (*path, index), _line(item), reading)
    else:
        yield Leaf(path, line, reading.plain(node, path))


def _step(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, _line(key)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        item = node.value[part]
        return item, _line(item)
    return None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _whole(wanted: str, got: str = "") -> Fault:
    return Fault(path=(), wanted=wanted, got=got, line=1)


def _first_line(text: str) -> str:
    return text.split("\n", 1)[0]


def _short(tag: str) -> str:
    return tag.removeprefix(_CORE)[:60]
