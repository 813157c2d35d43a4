"""What the roles have loaded while they work: the shared objects that the kernel maps for them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.product import HOST, Product, product

# Each is compiled, wholly or in part, so that a loaded one shows in the process's maps.
COMPILED = ("aiohttp", "pydantic_core", "sqlalchemy", "markupsafe")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product over a listener that accepts, ready and with a first result in its journal."""
    with socket.create_server((HOST, 0)) as target:
        checks = {"listener": f"{HOST}:{target.getsockname()[1]}"}
        with product(tmp_path_factory.mktemp("roles"), checks) as made:
            made.has_forks = False
            made.start_all()
            made.wait_ready(120)
            yield made


def mapped_by(product: Product, role: str) -> set[str]:
    maps = Path(f"/proc/{product.roles[role].pid}/maps").read_text("utf-8")
    return {name for name in COMPILED if f"/site-packages/{name}/" in maps}


@pytest.mark.parametrize(
    ("role", "may_load"),
    [("prober", set()), ("page", {"aiohttp"}), ("core", set(COMPILED))],
)
def test_it_loads_no_more_than_the_role_needs(
    running: Product, role: str, may_load: set[str]
) -> None:
    assert mapped_by(running, role) == may_load
