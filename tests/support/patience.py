"""How long a test waits for what is bound to come."""

from __future__ import annotations

PATIENCE_S = 60.0
"""A busy machine has let a thread stand for ten seconds before its first step. Waiting longer costs
nothing where the thing comes; a test that claims *how soon* measures that itself."""
