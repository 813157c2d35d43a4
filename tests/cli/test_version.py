"""`estado --version`."""

from __future__ import annotations

from typer.testing import CliRunner

from monitor.cli import build_app


def test_it_tells_its_version_without_a_command() -> None:
    done = CliRunner().invoke(build_app(), ["--version"])
    assert (done.exit_code, done.output.startswith("estado ")) == (0, True)


def test_it_wants_a_command_else() -> None:
    done = CliRunner().invoke(build_app(), [])
    assert done.exit_code == 2
    assert "Usage" in done.output
