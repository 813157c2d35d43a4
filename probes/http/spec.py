"""The settings of an `http` check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from monitor.domain.checks.symptoms import ServiceKind
from monitor.domain.secret import Secret
from monitor.registry import EXTRA_FORBIDDEN, mapping_setting, required, setting
from probes._kind import TlsSettings
from probes._pattern import Pattern
from probes.http.expect import parse_path, parse_statuses
from probes.http.url import parse_url

MAX_BYTES = 1 << 20
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


class HttpVersion(StrEnum):
    """The version to speak over TLS; without TLS browsers speak 1.1 alone."""

    ANY = "any"
    ONE = "1.1"
    TWO = "2"

    def alpn(self) -> tuple[str, ...]:
        """What is offered: 2 with 1.1, which browsers use where a server does not speak 2."""
        return ("h2", "http/1.1") if self is HttpVersion.TWO else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSpec(TlsSettings):
    """A URL to fetch and what is expected of the answer. Everything expected must hold."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("http:// or https://; no user or password in it")
    method: str = setting("GET, HEAD, POST ...", "GET")
    headers: Mapping[str, str] = mapping_setting(
        "headers to send; Authorization and Cookie go to no other origin than the url's"
    )
    secret_headers: Mapping[str, Secret] = mapping_setting("headers whose values are secrets")
    username: str | None = setting("for basic authentication", None)
    password: Secret | None = setting("for basic authentication: ${ENV} or file:/path", None)
    body: str | None = setting(
        "what to send after the headers; to no other origin than the url's", None
    )
    expect_status: tuple[int | str, ...] = setting("statuses and ranges", ("200-299",))
    expect_header: Mapping[str, str] = mapping_setting("header: text that its value must hold")
    expect_body: str | None = setting("text that the body must hold", None)
    forbid_body: str | None = setting("text that the body must not hold", None)
    expect_regex: str | None = setting("regular expression found in the body", None)
    expect_json: Mapping[str, bool | int | float | str | None] = mapping_setting(
        "path in the JSON body: its value"
    )
    min_size: int | None = setting("bytes that the body must have", None)
    max_size: int | None = setting("bytes that the body may have", None)
    max_age_s: float | None = setting("oldest Last-Modified, counted on the server's Date", None)
    compression: bool = setting("ask for a packed body (gzip, deflate, br, zstd)", False)
    http_version: HttpVersion = setting(
        "1.1, 2 (degraded where only 1.1 is spoken), or any: 1.1, and 2 where that alone is spoken",
        HttpVersion.ANY,
    )
    follow_redirects: bool = setting("go where Location points", True)
    max_redirects: int = setting("how often", 5)
    max_bytes: int = setting("how much of a body to read", MAX_BYTES)

    def __post_init__(self) -> None:
        """Raises ValueError with what is wanted and what was got."""
        parse_url(self.url)
        parse_statuses(self.expect_status)
        for path in self.expect_json:
            parse_path(path)
        if self.expect_regex is not None:
            Pattern.compiled(self.expect_regex)
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password go together")
        if self.http_version is HttpVersion.TWO and not parse_url(self.url).is_tls:
            raise ValueError("http_version 2 wants https://: browsers speak it over TLS alone")
        if self.max_bytes < 1:
            raise ValueError(f"max_bytes must be at least 1, got {self.max_bytes}")
        _refuse_injection(self)

    @property
    def reads_body(self) -> bool:
        """Whether anything is expected of the body's content."""
        return bool(self.expect_json) or self.reads_text

    @property
    def reads_text(self) -> bool:
        """Whether anything is expected of the body as a text."""
        return (
            self.expect_body is not None
            or self.forbid_body is not None
            or self.expect_regex is not None
        )

    @property
    def measures_body(self) -> bool:
        """Whether anything is expected of the body's size: then it must be read to its end."""
        return self.min_size is not None or self.max_size is not None

    @property
    def service_kind(self) -> ServiceKind:
        return ServiceKind.WEB


def _refuse_injection(spec: HttpSpec) -> None:
    """Refuse control characters in what goes into the request's head, and names that are none."""
    for name in (spec.method, *spec.headers, *spec.secret_headers):
        if not name or not _TOKEN.issuperset(name):
            raise ValueError(f"want a method or header name, got {name!r}")
    for name, value in spec.headers.items():
        if any((ord(c) < 32 and c != "\t") or c == "\x7f" for c in value):
            raise ValueError(f"the header {name} has a control character in its value")
