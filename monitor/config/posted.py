"""What is wrong with a configuration that somebody sends in, and what is unwise about it.

It is a text and nothing else: no secret is opened, and no file or name is looked at for it.
"""

from __future__ import annotations

from typing import Any

from monitor.config.compiling.compile import compile_catalogue
from monitor.config.errors import ConfigErrors
from monitor.config.lint import warnings_of
from monitor.config.older_keys import older_keys_in
from monitor.config.registries import Registries
from monitor.domain.catalogue import Catalogue

_MOST_LISTED = 1_000
_FILE = "posted"


def check_posted(text: str, registries: Registries) -> dict[str, Any]:
    """As plain values: every error with its line, the first thousand listed; where there is none,
    warnings and how much there is of what."""
    try:
        catalogue = compile_catalogue(text, filename=_FILE, registries=registries)
    except ConfigErrors as found:
        listed = found.errors[:_MOST_LISTED]
        errors = [
            {"line": e.line, "path": e.path, "wanted": e.wanted, "got": e.got} for e in listed
        ]
        return {"error_count": len(found.errors), "errors": errors, "warnings": [], "counts": {}}
    warnings = [*warnings_of(catalogue, looks_for_secrets=False), *older_keys_in(text)]
    return {"error_count": 0, "errors": [], "warnings": warnings, "counts": counts_of(catalogue)}


def counts_of(catalogue: Catalogue) -> dict[str, int]:
    return {
        "services": len(catalogue.services),
        "components": len(catalogue.components),
        "checks": len(catalogue.checks),
        "routes": len(catalogue.alerting.every_route),
    }
