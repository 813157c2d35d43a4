"""The settings of an InfluxDB: where it is, who we are there, and how long it keeps results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from monitor.domain.secret import Secret
from monitor.registry import EXTRA_FORBIDDEN, required, setting
from monitor.results.rollups.latency import Width

_LONGEST_DAYS = 36_500
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxSpec:
    """One server, one organisation, three buckets.

    Hours and days are written alike, so they need separate buckets; so do all three for their
    retention, which InfluxDB has for a whole bucket only.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = EXTRA_FORBIDDEN

    url: str = required("where InfluxDB listens, such as http://127.0.0.1:8086")
    token: Secret = required("may write and read the three buckets: ${ENV} or file:/path")
    org: str = setting("the organisation that the buckets belong to", "estado")
    raw_bucket: str = setting("keeps every result", "estado_raw")
    hourly_bucket: str = setting("keeps the latencies of each hour", "estado_hourly")
    daily_bucket: str = setting("keeps the latencies of each local day", "estado_daily")
    raw_days: int = setting("how long a result is kept; 0: for ever", 90)
    hourly_days: int = setting("how long an hour's latencies are kept; 0: for ever", 400)
    daily_days: int = setting("how long a day's latencies are kept; 0: for ever", 1830)
    admin_token: Secret | None = setting(
        "for `estado store init` alone: may make buckets and tokens: ${ENV} or file:/path", None
    )
    ca_file: str | None = setting("PEM file of the roots to trust instead of the system's", None)
    verify: bool = setting("whether the server's certificate is examined", True)
    timeout_s: float = setting("seconds that a whole exchange may take", 10.0)
    gzip: bool = setting("whether what is written is compressed", True)

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.org.strip() or not self.org.isprintable():
            raise ValueError("org must be the name of an organisation")
        for name in self.buckets:
            _check_bucket(name)
        if len(self.buckets) < 3:
            raise ValueError("raw_bucket, hourly_bucket and daily_bucket must be three buckets")
        for days in self.buckets.values():
            if not 0 <= days <= _LONGEST_DAYS:
                raise ValueError(f"days must be from 0 to {_LONGEST_DAYS}, got {days}")
        if not 0 < self.timeout_s <= 300:
            raise ValueError(f"timeout_s must be above 0 and at most 300, got {self.timeout_s:g}")
        if self.ca_file is not None and not self.verify:
            raise ValueError("ca_file says nothing where verify is false")

    @property
    def buckets(self) -> Mapping[str, int]:
        """By name, how many days each keeps."""
        return {
            self.raw_bucket: self.raw_days,
            self.hourly_bucket: self.hourly_days,
            self.daily_bucket: self.daily_days,
        }

    def latency_bucket(self, width: Width) -> str:
        return self.hourly_bucket if width is Width.HOUR else self.daily_bucket

    @property
    def place(self) -> str:
        """The server as an operator calls it: host and port."""
        return urlsplit(self.url).netloc


def _check_url(url: str) -> None:
    if not _is_address(url):
        raise ValueError("url must be an address such as http://127.0.0.1:8086")
    if "@" in urlsplit(url).netloc:
        raise ValueError("url must hold no user and password: the token says who we are")
    if "?" in url or "#" in url:
        raise ValueError("url must end with its path, without ? and #")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    return is_web and has_port and url.isprintable() and " " not in url


def _check_bucket(name: str) -> None:
    if not name or len(name) > _LONGEST_NAME or not name.isprintable() or '"' in name:
        raise ValueError(f"a bucket's name must be short and without quotes, got {name[:80]!r}")
    if name.startswith("_"):
        raise ValueError(f"a bucket's name must not begin with _, which InfluxDB keeps: {name!r}")
