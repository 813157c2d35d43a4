"""Kinds of other distributions: found by entry point, loaded by who uses them, and no dead role
where one of them is broken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.registry import KindUnusable, Lazy, Registry, problems
from monitor.scheduling.check_run import UnusableProbe
from probes._kind import ProbeKind
from probes.registry import _OURS

GOPHER = """
from probes._kind import ProbeKind
from probes.tcp import KIND as TCP
from dataclasses import replace

KIND = replace(TCP, name="gopher")
"""
PORTION = """
from credits.policies._policy import AmountDue, PolicyKind

def amount_due(line, judgement, terms):
    return AmountDue(exact=line.price * terms.setting("part", 0), arithmetic="")

KIND = PolicyKind(
    policy="portion", version=1, amount_due=amount_due, settings=frozenset({"part"})
)
"""
CONFIG = """
page:
  name: {es: Estado, en: Status}
  company: Prueba
  url: http://127.0.0.1:8080
timezone: America/Argentina/Buenos_Aires
terms:
  - id: default
    guarantee: "0.9989"
services:
  - id: web
    name: Web
    components:
      - id: web
        name: Web
        checks:
          - {id: web-check, probe: PROBE, target: "127.0.0.1:80"}
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder in which plugins are installed: a probe and a policy that are well, and four probes
    that are broken each its way."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "gopher_plugin.py").write_text(GOPHER)
    (site / "portion_plugin.py").write_text(PORTION)
    (site / "broken_plugin.py").write_text("import no_such_library_at_all\n")
    (site / "leaving_plugin.py").write_text("raise SystemExit('\\x1b[2J two\\nlines')\n")
    info = site / "plugins-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugins\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[estado.probes]\n"
        "gopher = gopher_plugin:KIND\n"
        "veronica = leaving_plugin:KIND\n"
        "wais = gopher_plugin:KIND\n"
        "x-broken = broken_plugin:KIND\n"
        "tcp = gopher_plugin:KIND\n"
        "[estado.credit_policies]\n"
        "portion-1 = portion_plugin:KIND\n"
    )
    return site


def run(program: str, site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    here = Path(__file__).resolve().parents[2]
    return subprocess.run(
        [sys.executable, *(["-c", program] if program else []), *words],
        capture_output=True, text=True, check=False, cwd=here,
        env={**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{site}"},
    )  # fmt: skip


def said(program: str, site: Path) -> object:
    done = run(program, site)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_plugin_s_kind_is_used_as_ours_are(installed: Path) -> None:
    program = """
import json
from probes.registry import PROBES
print(json.dumps([
    PROBES["gopher"].name, list(PROBES)[-4:],
    [kind in PROBES.usable() for kind in ("tcp", "gopher", "veronica", "wais", "x-broken")],
]))
"""
    assert said(program, installed) == [
        "gopher", ["gopher", "veronica", "wais", "x-broken"], [True, True, False, False, False]
    ]  # fmt: skip


def test_each_broken_plugin_is_one_sentence(installed: Path) -> None:
    program = """
import json
from monitor.registry import problems
from probes.registry import PROBES, all_failures
all_failures()
print(json.dumps(sorted(problems(PROBES))))
"""
    assert said(program, installed) == [
        "the probe kind tcp of gopher_plugin:KIND is not used: the name is taken",
        "the probe kind veronica cannot be used: leaving_plugin:KIND: "
        r"SystemExit: \x1b[2J two lines",
        "the probe kind wais cannot be used: gopher_plugin:KIND: it is no ProbeKind of that name",
        "the probe kind x-broken cannot be used: broken_plugin:KIND: ModuleNotFoundError: "
        "No module named 'no_such_library_at_all'",
    ]


@pytest.mark.parametrize(
    "role", ["monitor.roles.prober.role", "monitor.roles.page", "monitor.roles.store.role"]
)
def test_a_role_loads_no_plugin_that_it_does_not_use(installed: Path, role: str) -> None:
    program = f"""
import json, sys, {role}
print(json.dumps(sorted(sys.modules)))
"""
    loaded = said(program, installed)
    assert isinstance(loaded, list)
    assert {"gopher_plugin", "broken_plugin"} & set(loaded) == set()


def test_a_configuration_that_names_a_broken_kind_is_told_why(
    installed: Path, tmp_path: Path
) -> None:
    config = tmp_path / "services.yaml"
    config.write_text(CONFIG.replace("PROBE", "x-broken"))
    done = run("", installed, "-m", "monitor.cli", "config", "check", str(config))
    assert done.returncode == 2, done.stdout
    told = " ".join(done.stderr.split())
    assert "the probe kind x-broken cannot be used" in told
    assert "Traceback" not in told


def test_a_configuration_that_names_none_of_them_is_good_and_warns(
    installed: Path, tmp_path: Path
) -> None:
    config = tmp_path / "services.yaml"
    config.write_text(CONFIG.replace("PROBE", "tcp"))
    done = run("", installed, "-m", "monitor.cli", "config", "check", str(config))
    assert done.returncode == 0, done.stderr
    assert (
        "warning: the probe kind x-broken cannot be used"
        in " ".join(done.stdout.split()) + done.stderr
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("part: 1/30", ""),
        ("prat: 1/30", "terms[0].settings.prat: must be a known field, perhaps 'part'"),
    ],
)
def test_a_plugin_s_policy_has_settings_of_its_own(
    installed: Path, tmp_path: Path, settings: str, said: str
) -> None:
    config = tmp_path / "services.yaml"
    terms = f'"0.9989"\n    policy: portion\n    settings: {{{settings}}}'
    config.write_text(CONFIG.replace("PROBE", "tcp").replace('"0.9989"', terms))
    done = run("", installed, "-m", "monitor.cli", "config", "check", str(config))
    assert (done.returncode, said in " ".join(done.stderr.split())) == (2 if said else 0, True)


def test_a_look_by_hand_with_a_broken_kind_is_one_line(installed: Path) -> None:
    done = run("", installed, "-m", "monitor.cli", "probe", "x-broken", "127.0.0.1:79")
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert "the probe kind x-broken cannot be used" in done.stderr


def test_a_kind_that_breaks_when_it_is_made_ends_no_role() -> None:
    registry = Registry("probe kind", ProbeKind, _OURS, "estado.no_such_group")

    def broken(kind: ProbeKind) -> object:
        raise KeyError(kind.name)

    assert isinstance(Lazy(registry, broken, UnusableProbe)["tcp"], UnusableProbe)
    with pytest.raises(KindUnusable, match="the probe kind tcp cannot be used: KeyError: 'tcp'"):
        Lazy(registry, broken)["tcp"]
    with pytest.raises(KeyError, match="gopher"):
        Lazy(registry, broken)["gopher"]


def test_a_kind_that_is_gone_is_a_check_of_which_nothing_is_said() -> None:
    """A plugin that was removed after the configuration was applied: the other checks go on."""
    registry = Registry("probe kind", ProbeKind, _OURS, "estado.no_such_group")
    probes: Lazy[ProbeKind, object] = Lazy(registry, lambda kind: kind.name, UnusableProbe)
    assert probes["tcp"] == "tcp"
    assert isinstance(probes["gopher"], UnusableProbe)
    with pytest.raises(KeyError):
        registry["gopher"]
    assert registry.why_unusable("gopher") == "this program has no probe kind gopher"
    assert (registry.why_unusable("tcp"), problems(registry)) == ("", ())
    assert issubclass(KindUnusable, LookupError)
