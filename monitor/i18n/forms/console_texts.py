"""Texts of updates to start from, in both languages at once: they are published together."""

from __future__ import annotations

READY = (
    (
        "Estamos investigando la falla. El próximo aviso sale en 30 minutos.",
        "We are investigating the failure. The next update comes within 30 minutes.",
    ),
    (
        "Encontramos la causa y estamos trabajando en la reparación.",
        "We have found the cause and are working on the repair.",
    ),
    (
        "El servicio volvió a funcionar. Lo observamos antes de darlo por resuelto.",
        "The service is back. We watch it before we call it resolved.",
    ),
    (
        "El problema está resuelto. Disculpe las molestias.",
        "The problem is resolved. We apologise for the inconvenience.",
    ),
)
"""In Spanish, and in English."""
