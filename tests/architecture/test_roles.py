"""Each role loads what it needs and no more: memory, start-up time, and what can break it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from monitor.roles.supervisor import role_module

FOREIGN = {
    "monitor.roles.prober.role": {"sqlalchemy", "alembic", "aiohttp", "jinja2", "pydantic"},
    "monitor.roles.page": {"sqlalchemy", "alembic", "jinja2"},
    "monitor.roles.store.role": {"sqlalchemy", "alembic", "jinja2", "pydantic", "influxdb_client"},
}


def loaded_by(module: str) -> set[str]:
    """The top-level packages in `sys.modules` of a fresh interpreter that imported `module`."""
    program = f"import json, sys, {module}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout)}


@pytest.mark.parametrize("role", ["supervisor", "core", "prober", "page", "store", "console"])
def test_a_role_brings_no_pictures_of_tracebacks_along(role: str) -> None:
    argv = [sys.executable, "-X", "importtime", "-m", role_module(role), "--help"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "argparse" in loaded
    assert {name for name in loaded if name.startswith(("rich.", "pygments"))} == set()


@pytest.mark.parametrize("module", FOREIGN)
def test_it_keeps_foreign_libraries_out_of_the_role(module: str) -> None:
    assert loaded_by(module) & FOREIGN[module] == set()


_LOOK = """
import json, sys
from contextlib import suppress
from monitor.cli import main
with suppress(SystemExit):
    main()
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by_a_look(*words: str) -> set[str]:
    """Every module that `estado probe` has loaded by the time it exits."""
    argv = [sys.executable, "-c", _LOOK, "probe", *words]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_a_look_by_hand_loads_its_own_kind_and_nothing_for_the_server() -> None:
    """Somebody in a hurry types it, and a script a thousand times: 0.3 s of CPU for 1.2."""
    loaded = loaded_by_a_look("tcp", "127.0.0.1:1")
    assert {"probes.tcp", "pydantic"} <= loaded
    heavy = {"sqlalchemy", "alembic", "aiohttp", "jinja2", "structlog", "yaml", "babel", "dns"}
    heavy |= {
        "m3u8",
        "httptools",
        "cryptography",
        "idna",
        "credits",
        "probes.http",
        "probes.dns.probe",
    }
    assert loaded & heavy == set()
    assert len(loaded) < 500


def test_a_look_by_hand_tells_of_every_kind_where_none_is_named() -> None:
    assert {"probes.tcp", "probes.dns.probe", "probes.rtmp.probe"} <= loaded_by_a_look("--help")
