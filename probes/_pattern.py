r"""Regular expressions in linear time: a configured pattern never stalls the loop.

Python's own engine backtracks, and `(a+)+$` occupies a core for years. Patterns here are read by
Python's parser and run as a lazily built automaton: it reads each character once. What needs
backtracking (references, lookaround, `\b`) is refused when the configuration is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib import import_module
from typing import Any

MAX_PATTERN = 500
MAX_NODES = 2000
_MAX_CACHED = 50_000
_MAX_WORK = 200_000
"""States visited while one text is searched: about 100 ms. Cached steps cost nothing."""
_FLAGS = re.IGNORECASE | re.DOTALL | re.UNICODE

_sre: Any = import_module("re._parser")
_UNBOUNDED: int = _sre.MAXREPEAT
Test = Callable[[str], bool]


class TooCostly(Exception):
    """This pattern on this text would stall the loop: it has too many states."""


_CATEGORIES: dict[str, Test] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_NOT_DIGIT": lambda c: not c.isdecimal(),
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_NOT_SPACE": lambda c: not c.isspace(),
    "CATEGORY_WORD": lambda c: c.isalnum() or c == "_",
    "CATEGORY_NOT_WORD": lambda c: not (c.isalnum() or c == "_"),
}
_STARTS = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_ENDS = frozenset({"AT_END", "AT_END_STRING"})


class _Node:
    """One state of the nondeterministic automaton: a test on a character, an anchor, or a fork."""

    __slots__ = ("anchor", "following", "is_goal", "test")

    def __init__(
        self, test: Test | None = None, anchor: str = "", *, is_goal: bool = False
    ) -> None:
        self.test = test
        self.anchor = anchor
        self.is_goal = is_goal
        self.following: list[_Node] = []


class _Deck(dict[str, "_Deck"]):
    """A set of nodes: one state of the deterministic automaton, with its known successors by
    character."""

    __slots__ = ("is_goal", "nodes")

    def __init__(self, nodes: frozenset[_Node]) -> None:
        super().__init__()
        self.nodes = nodes
        self.is_goal = any(node.is_goal for node in nodes)


class Pattern:
    """A compiled pattern; `Pattern.compiled(text)` raises ValueError for a refused pattern."""

    def __init__(self, source: str) -> None:
        if len(source) > MAX_PATTERN:
            raise ValueError(f"a pattern has at most {MAX_PATTERN} characters")
        tree, flags = _parsed(source)
        self._builder = _Builder(flags)
        self._start = self._builder.sequence(tree, _Node(is_goal=True))
        self._decks: dict[frozenset[_Node], _Deck] = {}
        self._cached = 0
        self._work = 0

    @staticmethod
    @lru_cache(maxsize=1024)
    def compiled(source: str) -> Pattern:
        return Pattern(source)

    def is_found_in(self, text: str) -> bool:
        """Whether it matches anywhere. Raises TooCostly.

        >>> Pattern.compiled(r"estado: (ok|bien)\\d*$").is_found_in("estado: ok42")
        True
        """
        self._work = 0
        deck = self._deck(_closure([self._start], "start"))
        # `$` also stands before a last line feed.
        last = len(text) - 1 if text.endswith("\n") else -1
        for index, char in enumerate(text):
            if deck.is_goal or (index == last and self._ends_well(deck)):
                return True
            following = deck.get(char)
            deck = self._step(deck, char) if following is None else following
        return deck.is_goal or self._ends_well(deck, is_empty=not text)

    def _step(self, deck: _Deck, char: str) -> _Deck:
        if self._cached >= _MAX_CACHED:
            self._decks.clear()
            self._cached = 0
        self._cached += 1
        self._work += len(deck.nodes) + 1
        if self._work > _MAX_WORK:
            raise TooCostly
        moved = (
            target
            for node in deck.nodes
            if node.test is not None and node.test(char)
            for target in node.following
        )
        following = self._deck(_closure([*moved, self._start]))
        deck[char] = following
        return following

    def _deck(self, nodes: frozenset[_Node]) -> _Deck:
        return self._decks.setdefault(nodes, _Deck(nodes))

    def _ends_well(self, deck: _Deck, *, is_empty: bool = False) -> bool:
        anchors = ("start", "end") if is_empty else ("end",)
        return any(node.is_goal for node in _closure([*deck.nodes, self._start], *anchors))


def _closure(nodes: Iterable[_Node], *holding: str) -> frozenset[_Node]:
    """All nodes reached without a character, where the anchors `holding` hold."""
    pending = list(nodes)
    seen: set[_Node] = set()
    while pending:
        node = pending.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.test is None and (not node.anchor or node.anchor in holding):
            pending.extend(node.following)
    # Forks are followed and dropped; nodes with a test, with an anchor and goals stay.
    return frozenset(n for n in seen if n.test is not None or n.anchor or n.is_goal)


def _parsed(source: str) -> tuple[Any, int]:
    try:
        tree = _sre.parse(source)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"no regular expression: {error}") from error
    flags = int(tree.state.flags)
    if flags & ~int(_FLAGS):
        raise ValueError("the only flags are (?i) and (?s)")
    return tree, flags


class _Builder:
    """From the parser's tree to nodes, the last part first: each part gets what follows it."""

    def __init__(self, flags: int) -> None:
        self._folds = bool(flags & re.IGNORECASE)
        self._dot_all = bool(flags & re.DOTALL)
        self._node_count = 0

    def sequence(self, parts: Iterable[Any], following: _Node) -> _Node:
        for part in reversed(list(parts)):
            following = self._part(str(part[0]), part[1], following)
        return following

    def _part(self, op: str, value: Any, following: _Node) -> _Node:
        if op in ("LITERAL", "NOT_LITERAL", "ANY", "IN"):
            return self._node(_Node(self._test(op, value)), following)
        if op == "BRANCH":
            return self._node(_Node(), *(self.sequence(arm, following) for arm in value[1]))
        if op == "SUBPATTERN" and not value[1] and not value[2]:
            return self.sequence(value[3], following)
        if op in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, body = value
            return self._repeat(least, most, body, following)
        if op == "AT" and str(value) in _STARTS | _ENDS:
            anchor = "start" if str(value) in _STARTS else "end"
            return self._node(_Node(anchor=anchor), following)
        raise ValueError(f"{op.lower()} is not understood here: it would need backtracking")

    def _repeat(self, least: int, most: int, body: Any, following: _Node) -> _Node:
        if most == _UNBOUNDED:
            loop = self._node(_Node(), following)
            loop.following.append(self.sequence(body, loop))
            following = loop
        else:
            for _ in range(most - least):
                following = self._node(_Node(), self.sequence(body, following), following)
        for _ in range(least):
            following = self.sequence(body, following)
        return following

    def _node(self, node: _Node, *following: _Node) -> _Node:
        self._node_count += 1
        if self._node_count > MAX_NODES:
            raise ValueError("the pattern's repeats make it too large")
        node.following.extend(following)
        return node

    def _test(self, op: str, value: Any) -> Test:
        if op == "ANY":
            return (lambda _: True) if self._dot_all else (lambda c: c != "\n")
        items = value if op == "IN" else [(op.removeprefix("NOT_"), value)]
        is_negated = op == "NOT_LITERAL" or str(items[0][0]) == "NEGATE"
        tests = [_item(str(kind), v) for kind, v in items if str(kind) != "NEGATE"]
        if self._folds:
            return lambda c: is_negated != any(t(c) or t(c.lower()) or t(c.upper()) for t in tests)
        return lambda c: is_negated != any(t(c) for t in tests)


def _item(kind: str, value: Any) -> Test:
    if kind == "LITERAL":
        wanted = chr(value)
        return lambda c: c == wanted
    if kind == "RANGE":
        first, last = chr(value[0]), chr(value[1])
        return lambda c: first <= c <= last
    return _CATEGORIES[str(value)]
