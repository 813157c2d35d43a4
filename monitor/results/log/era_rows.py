"""Eras of the clock as JSON and back."""

from __future__ import annotations

import json
from dataclasses import asdict

from monitor.domain.time.eras import Era, EraSpan, Origin


def told_of(era: Era) -> str:
    return json.dumps({**asdict(era), "lineage": [tuple(asdict(s).values()) for s in era.lineage]})


def era_of(told: str) -> Era:
    kept = json.loads(told)
    kept["origin"] = Origin(kept["origin"])
    kept["lineage"] = tuple(EraSpan(*span) for span in kept["lineage"])
    return Era(**kept)
