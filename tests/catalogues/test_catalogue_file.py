"""What the core compiled is what prober and page start from."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.catalogues.file import (
    CatalogueUnreadable,
    read_catalogues,
    write_catalogues,
)
from monitor.domain.catalogue import (
    Alerting,
    AlertTarget,
    Catalogue,
    CatalogueRevision,
    Check,
    ConnectivitySettings,
    Page,
    Route,
)
from monitor.domain.checks.fold import Policy
from monitor.domain.checks.observation import CheckId, ComponentId
from monitor.domain.secret import Secret
from monitor.domain.text import Text, plain
from monitor.domain.time.interval import Second
from monitor.runtime.frozen_json import from_json, to_json
from probes.registry import PROBES

BA = ZoneInfo("America/Argentina/Buenos_Aires")


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A specification with a field of every form that one may have."""

    name: str
    rate: float | None = None
    colour: Colour = Colour.RED
    codes: tuple[int | str, ...] = ()
    pair: tuple[int, str] = (0, "")
    headers: Mapping[str, str | int] | None = None
    password: Secret | None = None
    days: frozenset[int] = frozenset()
    length: timedelta = timedelta(0)
    at: time = time(0)
    price: Decimal = Decimal(0)
    raw: bytes = b""
    file: Path | None = None
    zone: ZoneInfo = BA
    words: Text | None = None


ODD = Odd(
    name="ñ",
    rate=2.5,
    codes=(200, "3xx"),
    pair=(1, "a"),
    headers={"X-A": "b", "X-N": 5},
    password=Secret("${PANEL_PASSWORD}"),
    days=frozenset({6, 0}),
    length=timedelta(minutes=5),
    at=time(9, 30),
    price=Decimal("10.10"),
    raw=b"\x00\xff",
    file=Path("/etc/x"),
    zone=ZoneInfo("UTC"),
    words=Text({"es": "a", "en": "b"}),
)


def a_check(kind: str = "odd", spec: object = ODD) -> Check:
    policy = Policy(interval=30, max_gap=90)
    return Check(
        id=CheckId("web-http"), component=ComponentId("web"), kind=kind, spec=spec,
        policy=policy, timeout_s=10.0, gate="line",
    )  # fmt: skip


def a_revision(number: int = 1, *checks: Check) -> CatalogueRevision:
    catalogue = Catalogue(
        zone=BA,
        page=Page(name=plain("Estado"), company="Acme", url="https://e.example", bind_port=81),
        checks=checks,
        gates=(ConnectivitySettings(id="line", targets=("192.0.2.1:53",)),),
    )
    return CatalogueRevision(
        number=number, hash="h", text="", effective_from=Second(60 * number), catalogue=catalogue
    )


def test_it_reads_back_what_was_written(tmp_path: Path) -> None:
    written = (a_revision(1, a_check()), a_revision(2))
    write_catalogues(tmp_path / "c.json", written)
    assert read_catalogues(tmp_path / "c.json", {"odd": Odd}) == written


@pytest.mark.parametrize("kind", PROBES)
def test_it_keeps_each_kinds_own_example(tmp_path: Path, kind: str) -> None:
    target = shlex.split(PROBES[kind].example)[3]
    spec = PROBES[kind].spec(**PROBES[kind].from_target(target))
    written = (a_revision(1, a_check(kind, spec)),)
    write_catalogues(tmp_path / "c.json", written)
    assert read_catalogues(tmp_path / "c.json", {kind: PROBES[kind].spec}) == written


def test_checks_that_are_alike_share_what_they_are_judged_by(tmp_path: Path) -> None:
    checks = (a_check(), replace(a_check(), id=CheckId("another")))
    write_catalogues(tmp_path / "c.json", [a_revision(1, *checks)])
    first, second = read_catalogues(tmp_path / "c.json")[0].catalogue.checks
    assert (first.policy is second.policy, first.locations is second.locations) == (True, True)


def test_a_check_of_many_revisions_stands_in_it_once_and_is_one_value(tmp_path: Path) -> None:
    every = [replace(a_check(), id=CheckId(f"web-{n}")) for n in range(9)]
    other = replace(every[4], timeout_s=3.0)
    texts = [every, [*every[:4], other, *every[5:]], [*every[6:], other]]
    written = tuple(a_revision(n, *checks) for n, checks in enumerate(texts, 1))
    write_catalogues(tmp_path / "c.json", written)
    assert (tmp_path / "c.json").read_text().count("PANEL_PASSWORD") == len(every) + 1
    found = read_catalogues(tmp_path / "c.json", {"odd": Odd})
    assert found == written
    assert len({id(c) for r in found for c in r.catalogue.checks}) == len(every) + 1


def test_it_reads_what_the_version_before_wrote(tmp_path: Path) -> None:
    """A prober starts although no core of its own version has run yet."""
    revision = a_revision(1, a_check())
    raw = to_json(replace(revision, text=""))
    (tmp_path / "c.json").write_text(json.dumps({"form": 1, "revisions": [raw]}))
    assert read_catalogues(tmp_path / "c.json", {"odd": Odd}) == (revision,)


@pytest.mark.parametrize("run", ["[0, 2]", "[1, 1]", "[-1, 1]", "[0]", '"ab"', "5", '["0", 1]'])
def test_it_says_that_checks_are_told_of_which_it_does_not_hold(tmp_path: Path, run: str) -> None:
    write_catalogues(tmp_path / "c.json", [a_revision(1, a_check())])
    text = (tmp_path / "c.json").read_text()
    (tmp_path / "c.json").write_text(text.replace("[[0,1]]", f"[{run}]"))
    with pytest.raises(CatalogueUnreadable, match=r"c.json: (ValueError|TypeError)"):
        read_catalogues(tmp_path / "c.json", {"odd": Odd})


def test_an_empty_mapping_that_nobody_set_is_not_written(tmp_path: Path) -> None:
    spec = PROBES["http"].spec(url="http://127.0.0.1/")
    write_catalogues(tmp_path / "c.json", [a_revision(1, a_check("http", spec))])
    assert "headers" not in (tmp_path / "c.json").read_text()


def test_it_writes_references_never_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PANEL_PASSWORD", "hunter2")
    write_catalogues(tmp_path / "c.json", [a_revision(1, a_check())])
    text = (tmp_path / "c.json").read_text()
    assert "${PANEL_PASSWORD}" in text
    assert "hunter2" not in text


def test_it_leaves_out_what_the_core_keeps_to_itself(tmp_path: Path) -> None:
    route = Route(id="ops", targets=(AlertTarget(id="mail", kind="email", spec=object()),))
    revision = a_revision()
    told = replace(revision.catalogue, alerting=Alerting(routes=(route,), billing_routes=(route,)))
    write_catalogues(tmp_path / "c.json", [replace(revision, catalogue=told, text="brands: []")])
    assert read_catalogues(tmp_path / "c.json") == (revision,)


def test_it_tells_who_probes_nothing_all_but_the_specifications(tmp_path: Path) -> None:
    write_catalogues(tmp_path / "c.json", [a_revision(1, a_check())])
    whole = a_revision(1, replace(a_check(), spec=None))
    assert read_catalogues(tmp_path / "c.json") == (whole,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "JSONDecodeError"),
        ("[]", "TypeError"),
        ('{"form": 99, "revisions": []}', "form 99, this program reads 1 and 2"),
        ('{"form": 1, "revisions": []}', "no revision"),
        ('{"form": 1, "revisions": [{"catalogue": {"zone": "Mars/Base"}}]}', "Mars/Base"),
        ('{"form": 1, "revisions": [{"catalogue": {"nose": 1}}]}', "Catalogue has no nose"),
    ],
)
def test_it_says_what_is_wrong_with_a_file(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(CatalogueUnreadable, match=f"c.json: .*{said}"):
        read_catalogues(path, {})


def test_it_keeps_the_settings_of_a_kind_that_is_gone_for_when_it_is_back(tmp_path: Path) -> None:
    """A plugin that was removed after the configuration was applied: the other checks go on."""
    path, kept = tmp_path / "c.json", a_revision(1, a_check())
    write_catalogues(path, [kept])
    (without,) = read_catalogues(path, {})
    (check,) = without.catalogue.checks
    assert isinstance(check.spec, Mapping)
    write_catalogues(path, [without])
    assert read_catalogues(path, {"odd": Odd}) == (kept,)


def test_it_says_that_there_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnreadable, match="No such file"):
        read_catalogues(tmp_path / "c.json", {})


@pytest.mark.parametrize(
    ("kind", "raw"),
    [(int, "5"), (str, 5), (int, True), (tuple[int, ...], "12"), (int | None, [1])],
)
def test_it_refuses_json_that_does_not_fit(kind: object, raw: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json(kind, raw)


def test_it_refuses_a_value_without_a_form() -> None:
    with pytest.raises(TypeError, match="no JSON form for object"):
        to_json(object())
