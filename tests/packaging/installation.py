"""The product as a user has it: a wheel in an environment of its own, far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A clean environment that holds the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    def command(self, *arguments: str) -> list[str]:
        return [str(self.environment / "bin" / "estado"), *arguments]

    def python(self, program: str) -> str:
        """What a program prints when the environment's Python runs it, cut off from ours."""
        return self.run([str(self.environment / "bin" / "python"), "-I", "-c", program])

    def estado(self, *arguments: str) -> str:
        """What `estado …` prints; it must succeed."""
        return self.run(self.command(*arguments))

    def run(self, command: list[str]) -> str:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command} exited {done.returncode}:\n{done.stderr}"
        return done.stdout


def clean_environment() -> dict[str, str]:
    """Ours without what would lead Python back to the checkout."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}


def build_wheel(into: Path) -> Path:
    """The wheel of the tree, built with what the lock installed; nothing is fetched."""
    _quietly("build", "--wheel", "--no-isolation", "--outdir", str(into), str(ROOT))
    (wheel,) = into.glob("*.whl")
    return wheel


def install(wheel: Path, into: Path) -> Installation:
    """A new environment with the wheel in it; the dependencies are lent by the running one.

    A path line in a .pth file lends the packages alone: the .pth files beside them, of which one
    would lead back to the checkout, are not read.
    """
    environment, folder = into / "environment", into / "elsewhere"
    folder.mkdir()
    _quietly("venv", "--without-pip", str(environment))
    _quietly(
        "pip",
        "--disable-pip-version-check",
        "--python",
        str(environment / "bin" / "python"),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    )
    (packages,) = environment.glob("lib/python3*/site-packages")
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return Installation(environment=environment, folder=folder)


def _quietly(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} exited {done.returncode}:\n{done.stdout}{done.stderr}"
