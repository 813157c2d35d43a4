"""The tree works anywhere: it names no package registry and no folder of somebody's machine."""

from __future__ import annotations

import re
import subprocess

from tests.architecture.tree import ROOT
from tests.support.require import require_server

# Written in two halves, so that this file may be searched too.
REGISTRIES = (
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "registry.npm" + "js.org",
    "registry.yarn" + "pkg.com",
    "proxy.golang" + ".org",
    "--index" + "-url",
    "--extra-index" + "-url",
    "_auth" + "Token",
)
MACHINE_PATHS = ("/wo" + "rk/", "/ro" + "ot/", "/Us" + "ers/", "/home" + "/runner")

FORBIDDEN = re.compile("|".join(map(re.escape, (*REGISTRIES, *MACHINE_PATHS))).encode())


def tracked_files() -> list[str]:
    git = require_server("git", "registry hosts and machine paths in tracked files")
    done = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [name for name in done.stdout.decode().split("\0") if name]


def offences(content: bytes) -> list[bytes]:
    return [match.group() for match in FORBIDDEN.finditer(content)]


def test_it_names_no_registry_and_no_machine_path() -> None:
    found = {
        name: offences((ROOT / name).read_bytes())
        for name in tracked_files()
        if (ROOT / name).is_file()
    }
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_it_would_notice_one() -> None:
    line = f"--index{'-url'} https://mirror.test/simple  # from {MACHINE_PATHS[0]}main"
    assert len(offences(line.encode())) == 2


def test_it_locks_every_requirement_with_hashes() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        pins = re.split(r"\n(?=[a-z])", lock.read_text("utf-8"))[1:]
        assert pins
        assert [pin for pin in pins if "--hash=sha256:" not in pin] == []
