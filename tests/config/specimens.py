"""Kinds that stand for those of the registries, so that messages here hang on no other module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from credits.policies import problems_of_terms
from monitor.config import Registries
from monitor.domain.secret import Secret


class Family(StrEnum):
    FOUR = "4"
    SIX = "6"
    ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """A specimen of a probe's settings."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    url: str
    family: Family = Family.ANY
    max_bytes: int = 1024
    expect_status: tuple[int | str, ...] = ("200-299",)
    username: str | None = None
    password: Secret | None = None
    secret_headers: Mapping[str, Secret] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.max_bytes < 1:
            raise ValueError(f"max_bytes must be at least 1, got {self.max_bytes}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSpec:
    """The least that a probe can have."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSpec:
    """A specimen of a notifier's settings."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    host: str
    recipients: tuple[str, ...]
    password: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSpec:
    """Another one, over another transport."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoSpec:
    """One without settings."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenProbe:
    spec: type[Any]
    from_target: Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenNotifier:
    spec: type[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStoreSpec:
    """Beside the product."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = {"extra": "forbid"}

    days: int = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecimenStore:
    spec: type[Any]
    is_remote: bool


def _url(target: str) -> Mapping[str, Any]:
    if not target.startswith(("http://", "https://")):
        raise ValueError(f"want http:// or https://, got {target!r}")
    return {"url": target}


def _port(target: str) -> Mapping[str, Any]:
    host, colon, port = target.rpartition(":")
    if not colon or not port.isdigit():
        raise ValueError(f"want host:port, got {target!r}")
    return {"host": host, "port": int(port)}


SPECIMENS = Registries(
    probes={
        "http": SpecimenProbe(spec=PageSpec, from_target=_url),
        "tcp": SpecimenProbe(spec=PortSpec, from_target=_port),
        "smtp": SpecimenProbe(spec=PortSpec, from_target=_port),
    },
    notifiers={
        "email": SpecimenNotifier(spec=MailSpec),
        "webhook": SpecimenNotifier(spec=HookSpec),
    },
    stores={
        "sqlite": SpecimenStore(spec=FileStoreSpec, is_remote=False),
        "influx": SpecimenStore(spec=HookSpec, is_remote=True),
    },
    panels={
        "csv": SpecimenNotifier(spec=NoSpec),
        "whmcs": SpecimenNotifier(spec=HookSpec),
    },
    policies=(("prorata", 1), ("tiers", 1)),
    problems_of_terms=problems_of_terms,
)

HEAD = """\
page: {name: Estado, company: Example, url: "https://status.example/"}
timezone: UTC
"""


def with_services(body: str, head: str = HEAD) -> str:
    """A configuration of a head and indented services."""
    return f"{head}services:\n{body}"
