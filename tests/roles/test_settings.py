"""Where things lie, and how a person is told to reach them."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.roles.settings import DEFAULT_DATA_DIR, default_config, typed_options


def test_commands_need_no_options_where_the_defaults_reach_the_product() -> None:
    assert typed_options(default_config().resolve(), DEFAULT_DATA_DIR.resolve()) == ""


def test_commands_name_what_is_not_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config, data_dir = Path("my services.yaml"), tmp_path / "data"
    assert typed_options(config, data_dir) == f" -c '{tmp_path}/my services.yaml' -d {data_dir}"
    assert typed_options(default_config(), data_dir) == f" -d {data_dir}"
