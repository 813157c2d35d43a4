"""Secrets of tests, in files as the configuration names them."""

from __future__ import annotations

from pathlib import Path

from monitor.domain.secret import Secret


def token_file(folder: Path, token: str, name: str = "token") -> Secret:
    file = folder / name
    file.write_text(f"{token}\n", "utf-8")
    return Secret(f"file:{file}")
