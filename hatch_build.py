"""Build hook: a wheel carries the templates and the default configuration inside the package.

They live at the top of the tree, where people look for them; `importlib.resources` finds them in
an installation under `monitor/_bundled`. An editable installation has the tree itself, and gets no
copy that could grow stale.
"""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLED = {
    "templates": "monitor/_bundled/templates",
    "config/services.yaml": "monitor/_bundled/config/services.yaml",
    "config/services.schema.json": "monitor/_bundled/config/services.schema.json",
}


class BundleHook(BuildHookInterface[Any]):
    """Found by hatchling as the only hook in this file."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version != "editable":
            build_data["force_include"].update(BUNDLED)
