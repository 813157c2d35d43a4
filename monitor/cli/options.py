"""The options that commands share: where the configuration is, and the product's data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The configuration; default config/services.yaml."),
]
DataDirOption = Annotated[
    Path, typer.Option("--data-dir", "-d", help="Where results, journal and page are kept.")
]
