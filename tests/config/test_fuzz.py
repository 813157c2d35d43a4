"""Whatever the text is, it gives a catalogue or ConfigErrors, and nothing else."""

from __future__ import annotations

import contextlib
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import ConfigErrors, compile_catalogue, warnings_of
from monitor.roles.registries import registries
from tests.config.specimens import SPECIMENS

GOOD = (Path(__file__).parent / "good.yaml").read_text("utf-8")
TREE: Any = yaml.safe_load(GOOD)
TRAPS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 10**30, 1.5, "", "no", "x", "30s", "0s", "\ud800", "${A}", [], {}, [[]],
     {"file": 7}, {"es": None}, "http://[", "::1", "America", "../etc", "é" * 300, {"": ""}]
)  # fmt: skip
VALUES = st.recursive(
    TRAPS | st.text(max_size=8) | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
SETTINGS = {field.name for kind in registries().probes.values() for field in fields(kind.spec)}
QUIET = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def swallow(text: str) -> None:
    with contextlib.suppress(ConfigErrors):
        warnings_of(compile_catalogue(text, filename="f.yaml", registries=SPECIMENS))


def ways(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a tree."""
    if not isinstance(value, dict | list):
        return [at]
    below = value.items() if isinstance(value, dict) else enumerate(value)
    return [at, *(way for key, item in below for way in ways(item, (*at, key)))]


def replaced(tree: Any, way: tuple[Any, ...], value: Any) -> Any:
    if not way:
        return value
    copy = json.loads(json.dumps(tree))
    here = copy
    for part in way[:-1]:
        here = here[part]
    here[way[-1]] = value
    return copy


def test_it_starts_from_a_configuration_that_is_good() -> None:
    assert compile_catalogue(GOOD, filename="good.yaml", registries=SPECIMENS).checks


@QUIET
@given(st.text(max_size=80))
def test_it_survives_any_text(text: str) -> None:
    swallow(text)


@QUIET
@given(st.integers(0, len(GOOD) - 1), st.text(alphabet="&*!|>%@`\"'#{}[],:- \n\t\0x0é", max_size=3))
def test_it_survives_a_slip_of_the_pen(place: int, slip: str) -> None:
    swallow(GOOD[:place] + slip + GOOD[place + 1 :])


@QUIET
@given(st.sampled_from(ways(TREE)), VALUES)
def test_it_survives_any_value_anywhere(way: tuple[Any, ...], value: Any) -> None:
    swallow(json.dumps(replaced(TREE, way, value), ensure_ascii=True))


@QUIET
@given(st.lists(st.tuples(st.sampled_from(ways(TREE)), VALUES), min_size=2, max_size=4))
def test_it_survives_several_faults_at_once(changes: list[tuple[tuple[Any, ...], Any]]) -> None:
    tree = TREE
    for way, value in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            tree = replaced(tree, way, value)
    swallow(json.dumps(tree))


@QUIET
@given(
    st.sampled_from(list(registries().probes)),
    st.sampled_from(
        ["", "http://", "https://", "dns://", "smtp://", "rtmp://", "tls://", "imaps://"]
    ),
    st.text(alphabet="a1.:/@[]%?=&# -é\t\ud800", max_size=20) | st.text(max_size=10),
    st.dictionaries(st.sampled_from(sorted(SETTINGS)), VALUES, max_size=3),
)
def test_it_survives_any_target_and_settings_of_a_real_kind(
    kind: str, scheme: str, rest: str, given_settings: dict[str, Any]
) -> None:
    way = ("services", 0, "components", 0, "checks", 0)
    check = {"id": "c", "probe": kind, "target": scheme + rest, "settings": given_settings}
    text = json.dumps(replaced(TREE, way, check))
    with contextlib.suppress(ConfigErrors):
        compile_catalogue(text, filename="f.yaml", registries=registries())
