"""The YAML configuration, checked and turned into the catalogue."""

from __future__ import annotations

from monitor.config.compiling.compile import compile_catalogue, read_config
from monitor.config.diff import Difference, describe_difference, difference, summary
from monitor.config.errors import ConfigError, ConfigErrors
from monitor.config.json_schema import json_schema
from monitor.config.lint import warnings_of
from monitor.config.older_keys import older_keys_in
from monitor.config.reference import reference
from monitor.config.registries import Registries

__all__ = [
    "ConfigError",
    "ConfigErrors",
    "Difference",
    "Registries",
    "compile_catalogue",
    "describe_difference",
    "difference",
    "json_schema",
    "older_keys_in",
    "read_config",
    "reference",
    "summary",
    "warnings_of",
]
