"""The failure classes that any kind may have, with their texts for customers and operators."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from monitor.domain.checks.observation import FailureClass, FailureId
from probes._failures.ours import JUDGED, OURS
from probes._failures.reaching import REACHING
from probes._failures.tls import TLS
from probes._failures.wording import failure, words

__all__ = [
    "BY_ID",
    "JUDGED",
    "OURS",
    "REACHING",
    "SHARED",
    "TLS",
    "failure",
    "words",
]

SHARED = (*REACHING, *TLS, *OURS, *JUDGED)
"""The classes that any kind may have, over TLS or not."""

BY_ID: Mapping[FailureId, FailureClass] = MappingProxyType({f.id: f for f in SHARED})
