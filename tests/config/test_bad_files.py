"""Each file in `bad/` is named after its mistake, and has its exact message beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.config import ConfigErrors, compile_catalogue
from tests.config.specimens import SPECIMENS

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))
PASSWORD = "hunter2"


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_it_says_exactly_what_is_wrong(path: Path) -> None:
    with pytest.raises(ConfigErrors) as refused:
        compile_catalogue(path.read_text("utf-8"), filename=path.name, registries=SPECIMENS)
    assert f"{refused.value}\n" == path.with_suffix(".txt").read_text("utf-8")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_it_never_prints_a_password(path: Path) -> None:
    assert PASSWORD not in path.with_suffix(".txt").read_text("utf-8")


def test_it_has_a_message_for_each_mistake_and_no_other() -> None:
    messages = {path.stem for path in (Path(__file__).parent / "bad").glob("*.txt")}
    assert {path.stem for path in BAD} == messages
    assert sum(PASSWORD in path.read_text("utf-8") for path in BAD) >= 5
