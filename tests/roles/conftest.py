"""Pages of several brands, for the tests of whoever serves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.roles.brand_sites import ACME, BETA, GAMMA, BrandSites, publish_pages


@pytest.fixture(scope="session")
def published_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("brands")
    publish_pages(folder)
    return folder


@pytest.fixture
def brands(published_pages: Path, tmp_path: Path) -> BrandSites:
    """Each has been published, and is configured."""
    for name in ("published", "brand-pages", "private-pages"):
        (tmp_path / name).symlink_to(published_pages / name)
    made = BrandSites(tmp_path)
    made.configure(ACME, BETA, GAMMA)
    return made
