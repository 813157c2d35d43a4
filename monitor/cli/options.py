"""The options that commands share: which product is meant, on this host or behind a door."""

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
FolderOption = Annotated[
    Path | None,
    typer.Option("--data-dir", "-d", help="Where results, journal and page are kept; default var."),
]
"""As above, for commands that a door serves too: whether it was typed decides between the two."""


def _of_the_root(context: typer.Context, typed: str | None) -> str | None:
    """`estado --url URL incident list` and `estado incident list --url URL` are the same."""
    return typed or context.find_root().params.get("url")


UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        callback=_of_the_root,
        help="The door of a product elsewhere, instead of this host; see estado login.",
        show_default=False,
    ),
]
