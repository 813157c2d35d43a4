"""A secret: a reference to a value that is stored elsewhere, read only where it is used.

Configuration, catalogue, journal and logs hold the reference alone; `***` is all that prints.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MASK = "***"
FILE_PREFIX = "file:"
_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class SecretMissing(Exception):
    """What a reference names is not there; the message names the reference, never a value."""


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """`${NAME}` (a variable of the environment) or `file:/a/path`. Anything else is refused.

    >>> Secret("${SMTP_PASSWORD}")
    Secret(***)
    >>> str(Secret("file:/etc/estado/password"))
    '***'
    >>> Secret("hunter2")
    Traceback (most recent call last):
    ...
    ValueError: want a reference, ${NAME} or file:/path; got a literal value
    """

    reference: str

    def __post_init__(self) -> None:
        if self._variable() is None and not self._path():
            raise ValueError("want a reference, ${NAME} or file:/path; got a literal value")

    def reveal(self) -> str:
        """The value, without a file's last line feed. Raises SecretMissing."""
        variable = self._variable()
        if variable is None:
            return _content(self._path())
        try:
            return os.environ[variable]
        except KeyError:
            raise SecretMissing(f"the environment has no {variable}") from None

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def _variable(self) -> str | None:
        found = _ENVIRONMENT.fullmatch(self.reference)
        return found[1] if found else None

    def _path(self) -> str:
        return self.reference.removeprefix(FILE_PREFIX) if self._is_file() else ""

    def _is_file(self) -> bool:
        return self.reference.startswith(FILE_PREFIX)

    @classmethod
    def _read(cls, value: object) -> Secret:
        if isinstance(value, cls):
            return value
        if isinstance(value, Mapping) and set(value) == {"file"}:
            value = f"{FILE_PREFIX}{value['file']}"
        if not isinstance(value, str):
            raise ValueError("want a reference, ${NAME} or file:/path")
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> Mapping[str, object]:
        """What a validator asks of a type: it reads the reference as text or as `{file: path}`,
        or takes a secret."""
        read = {"type": "no-info", "function": cls._read}
        return {"type": "function-plain", "function": read}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: object, handler: object) -> Mapping[str, object]:
        """The JSON schema that editors get."""
        pattern = r"^(\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:.+)$"
        return {"type": "string", "pattern": pattern, "x-written": "secret"}


def _content(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").removesuffix("\n")
    except OSError as error:
        raise SecretMissing(f"cannot read {path}: {error.strerror}") from None
    except ValueError:
        # The error's own message contains a byte of the value.
        raise SecretMissing(f"cannot read {path}: it holds no UTF-8 text") from None
