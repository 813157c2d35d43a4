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

    `is_timing`: it says that something took too long, never came, or that the other side gave up
    waiting. Where the monitor itself stood still meanwhile, that proves nothing.
    """

    id: FailureId
    outcome: Outcome
    phrase: Text
    effect: Text
    summary: Text
    cause: Text
    remedy: Text
    is_timing: bool = False
