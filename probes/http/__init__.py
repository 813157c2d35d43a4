"""`http`: a URL answers as it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probes._kind import ProbeKind
from probes.http.failures import FAILURES
from probes.http.probe import HttpProbe
from probes.http.spec import HttpSpec
from probes.http.url import parse_url

__all__ = ["KIND", "HttpProbe", "HttpSpec"]


def _from_target(target: str) -> Mapping[str, Any]:
    return {"url": parse_url(target).url}


KIND = ProbeKind(
    name="http",
    spec=HttpSpec,
    from_target=_from_target,
    build=HttpProbe,
    failures=tuple(FAILURES.values()),
    phases=("resolve", "connect", "tls", "processing", "transfer"),
    summary="a URL answers as it should: status, headers, body, JSON, size, age",
    example="estado probe http https://www.example/ --set expect_body=Bienvenidos",
)
