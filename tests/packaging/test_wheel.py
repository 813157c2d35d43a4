"""A wheel, installed in a clean environment and used from another folder, has all that it needs."""

from __future__ import annotations

import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.architecture.tree import PACKAGES, ROOT
from tests.packaging.installation import Installation, build_wheel, install

# One worker builds and installs; the others would do the same again.


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return install(wheel, tmp_path_factory.mktemp("installed"))


def files_under(folder: str) -> list[str]:
    """What git would carry away from a folder of the tree."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", folder]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_it_carries_every_file_of_the_packages_the_templates_and_the_configuration(
    wheel: Path,
) -> None:
    bundled = [f"monitor/_bundled/{n}" for n in files_under("templates")]
    bundled += [f"monitor/_bundled/{n}" for n in files_under("config")]
    wanted = set(bundled)
    wanted.update(name for package in PACKAGES for name in files_under(package))
    assert "monitor/_bundled/config/services.yaml" in wanted
    assert wanted - set(ZipFile(wheel).namelist()) == set()


def test_it_carries_no_tests_and_no_tools(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in ZipFile(wheel).namelist()}
    assert {t for t in tops if not t.endswith(".dist-info")} == set(PACKAGES)


def test_it_runs_from_the_installation_and_not_from_the_checkout(installed: Installation) -> None:
    program = f"import {', '.join(PACKAGES)}\nfor p in ({', '.join(PACKAGES)}): print(p.__file__)"
    places = [Path(line) for line in installed.python(program).splitlines()]
    assert len(places) == len(PACKAGES)
    assert [p for p in places if not p.is_relative_to(installed.environment)] == []
