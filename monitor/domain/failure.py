"""A failure class: a value that the probe which produces it declares. There is no enum to edit."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.domain.observation import FailureId, Outcome
from monitor.domain.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureClass:
    """One way to fail.

    `phrase` and `effect` are for customers ("Correo: sin respuesta", "Lo que depende de él no
    abre."); `summary`, `cause` and `remedy` are for operators. Each is in Spanish and in
    English: a message is written in one language from its subject to its last line.
    """

    id: FailureId
    outcome: Outcome
    phrase: Text
    effect: Text
    summary: Text
    cause: Text
    remedy: Text
