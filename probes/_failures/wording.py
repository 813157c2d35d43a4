"""How a failure class is declared: what a customer notices of it, and its texts for operators."""

from __future__ import annotations

from monitor.domain.checks.observation import FailureClass, FailureId, Outcome
from monitor.domain.checks.symptoms import Symptom
from monitor.domain.text import Text


def words(es: str, en: str) -> Text:
    """A text in the languages of operators."""
    return Text({"es": es, "en": en})


def failure(
    ident: str,
    symptom: Symptom,
    *,
    summary: Text,
    cause: Text,
    remedy: Text,
    outcome: Outcome = Outcome.DOWN,
    is_timing: bool = False,
) -> FailureClass:
    """A failure class. `symptom` is what a customer notices of it; the texts are for operators.
    `is_timing` where the class depends on how long something took."""
    return FailureClass(
        id=FailureId(ident),
        outcome=outcome,
        symptom=symptom,
        summary=summary,
        cause=cause,
        remedy=remedy,
        is_timing=is_timing,
    )
