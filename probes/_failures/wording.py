"""How a failure class is declared: its texts in both languages, and the shared phrases."""

from __future__ import annotations

from monitor.domain.checks.observation import FailureClass, FailureId, Outcome
from monitor.domain.text import Text


def words(es: str, en: str) -> Text:
    """A text in both languages."""
    return Text({"es": es, "en": en})


SILENT = (
    words("sin respuesta", "not responding"),
    words("Lo que depende de él no abre.", "What depends on it does not open."),
)
ERRORS = (
    words("con errores", "showing errors"),
    words("Algunas páginas muestran un error.", "Some pages show an error."),
)
NO_NAMES = (
    words("sin encontrar dominios", "not finding domains"),
    words("Sitios y correo pueden fallar.", "Sites and mail may fail."),
)
UNSAFE = (
    words("con un aviso de seguridad", "showing a security warning"),
    words("No escriba claves hasta que lo resolvamos.", "Enter no passwords until we fix it."),
)
SLOW = (
    words("lento", "slow"),
    words("Tarda unos {v} s; lo habitual es {w} s.", "It takes about {v} s; {w} s is usual."),
)
UNSEEN = (
    words("sin datos", "without data"),
    words("Puede estar funcionando.", "It may be working."),
)
UNNOTICED = (
    words("por renovar", "due for renewal"),
    words("Usted no nota nada.", "You notice nothing."),
)


def failure(
    ident: str,
    public: tuple[Text, Text],
    *,
    summary: Text,
    cause: Text,
    remedy: Text,
    outcome: Outcome = Outcome.DOWN,
    is_timing: bool = False,
) -> FailureClass:
    """A failure class. `public` is its phrase and its effect; the other texts are for operators.
    `is_timing` where the class depends on how long something took."""
    phrase, effect = public
    return FailureClass(
        id=FailureId(ident),
        outcome=outcome,
        phrase=phrase,
        effect=effect,
        summary=summary,
        cause=cause,
        remedy=remedy,
        is_timing=is_timing,
    )
