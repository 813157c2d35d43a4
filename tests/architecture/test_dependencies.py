"""What the product imports, it declares: nothing is there only because a tool brought it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.architecture.tree import PACKAGES, pyproject, sources

PROVIDERS = packages_distributions()

# Libraries in two halves, of which a user of the first is meant to see the second.
HALVES = {"multidict": "aiohttp", "yarl": "aiohttp", "pydantic-core": "pydantic"}


def canonical(requirement: str) -> str:
    """The distribution that a requirement names, in lower case, without extras and bounds.

    >>> canonical("psycopg[binary]>=3.2"), canonical("pydantic_core")
    ('psycopg', 'pydantic')
    """
    name = re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")
    return HALVES.get(name, name)


def declared() -> set[str]:
    project = pyproject()["project"]
    extras = project["optional-dependencies"].values()
    return {canonical(r) for r in (*project["dependencies"], *(r for e in extras for r in e))}


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def is_ours_or_pythons(name: str) -> bool:
    return name in PACKAGES or name in sys.stdlib_module_names


def test_it_declares_what_it_imports() -> None:
    names = {n for path in sources() for n in imported(path) if not is_ours_or_pythons(n)}
    providers = {n: {canonical(d) for d in PROVIDERS.get(n, ())} for n in names}
    assert {n for n, found in providers.items() if not found & declared()} == set()
