"""AWS Signature Version 4, by which storage that speaks S3's protocol knows who asks.

<https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from monitor.domain.time.interval import Second

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    access_key: str
    secret_key: str
    region: str


def signed_headers(
    method: str,
    host: str,
    path: str,
    content: bytes,
    credentials: Credentials,
    at: Second,
    also: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a request without a query. `path` is not encoded yet (`encoded_path`)."""
    moment = datetime.fromtimestamp(at, tz=UTC)
    stamp, day = f"{moment:%Y%m%dT%H%M%SZ}", f"{moment:%Y%m%d}"
    digest = hashlib.sha256(content).hexdigest()
    headers = {**(also or {}), "host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = sorted(headers, key=str.lower)
    listed = ";".join(name.lower() for name in names)
    lines = "".join(f"{name.lower()}:{headers[name].strip()}\n" for name in names)
    request = f"{method}\n{encoded_path(path)}\n\n{lines}\n{listed}\n{digest}"
    scope = f"{day}/{credentials.region}/s3/aws4_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(
        _key(credentials, day), f"{_ALGORITHM}\n{stamp}\n{scope}\n{hashed}".encode(), "sha256"
    ).hexdigest()
    named = f"Credential={credentials.access_key}/{scope}"
    headers["Authorization"] = (
        f"{_ALGORITHM} {named}, SignedHeaders={listed}, Signature={signature}"
    )
    return headers


def encoded_path(path: str) -> str:
    """Once, and the slashes not (S3 is the one service that does not do it twice)."""
    return quote(path, safe="/-_.~")


def _key(credentials: Credentials, day: str) -> bytes:
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, credentials.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
