"""What a language must be able to say of a failure to a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.checks.symptoms import ServiceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """`does` follows the name of one service: "no responde". `effect` is what it means for the
    reader, one sentence or more; `{v}` and `{w}` are seconds, as seen and as usual."""

    does: str
    effect: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomWords:
    """`phrase` has no tense, for it stands in titles and behind "sigue". `plain` is what is said of
    a kind of service that has no words of its own."""

    phrase: str
    plain: Said
    by_service: Mapping[ServiceKind, Said]

    def of(self, service: ServiceKind) -> Said:
        return self.by_service.get(service, self.plain)
