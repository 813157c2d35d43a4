"""One mail tells one length: what its subject, its table and the published text say is the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.alerting.ports import Message
from tests.incidents.test_flapping import Watched

UNSEEN = "++" + "-" * 5 + " " * 15 + "+" * 25
RELAPSED = "++" + "-" * 5 + "+" * 5 + "-" * 7 + "+" * 20


def resolution(folder: Path, story: str) -> Message:
    world = Watched(folder)
    world.live(web=story)
    assert world.kinds[-1] == "resolution"
    return world.told[-1]


def lengths(words: str) -> list[str]:
    plain = words.replace("\u00a0", " ")
    return re.findall(r"(?:\d+ h )?\d+ min(?: \d+ s)?", plain)


@pytest.mark.parametrize("story", [UNSEEN, RELAPSED])
def test_the_subject_the_headline_and_the_published_text_tell_one_length(
    tmp_path: Path, story: str
) -> None:
    message = resolution(tmp_path, story)
    head, _, body = message.text.partition("\n")
    published = body[body.index("Estuvo sin servicio") :]
    (told,) = lengths(message.subject)
    assert lengths(head) == [told]
    assert lengths(" ".join(published.split()))[0] == told


def test_the_table_tells_what_of_a_part_nobody_saw(tmp_path: Path) -> None:
    message = resolution(tmp_path, UNSEEN)
    (row,) = [line for line in message.text.splitlines() if line.startswith("Componentes")]
    (told,) = lengths(message.subject)
    assert lengths(row)[0] == told
    assert row.endswith("(más 15\u00a0min sin datos)")


def test_the_table_of_a_relapse_adds_up_to_it(tmp_path: Path) -> None:
    message = resolution(tmp_path, RELAPSED)
    first, second = re.findall(r", (\d+) min\n", message.text.replace("\u00a0", " "))
    assert lengths(message.subject) == [f"{int(first) + int(second)} min"]
