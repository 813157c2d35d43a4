"""Words about credits in Spanish."""

from __future__ import annotations

from collections.abc import Mapping

STATES: Mapping[str, str] = {
    "needs_review": "por decidir",
    "pending_human_approval": "por aprobar (se descontaría)",
    "eligible": "sin pedir",
    "requested": "pedida",
    "under_review": "en revisión",
    "approved": "aprobada",
    "blocked_suspended": "retenida: cuenta suspendida",
    "held_chargeback": "retenida: contracargo",
    "applying": "aplicándose",
    "apply_unknown": "sin respuesta del panel",
    "applied": "aplicada",
    "rejected": "rechazada",
    "expired": "vencida",
    "superseded": "reemplazada",
    "lapsed": "caducada",
    "closed_no_breach": "sin incumplimiento",
}
"""By the value of `credits.life.states.CreditState`: whoever looks at a target by hand does not
wait for the arithmetic of money."""
