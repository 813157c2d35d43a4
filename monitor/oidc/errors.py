"""What can go wrong with a provider. Messages are for the log: people are told less."""

from __future__ import annotations


class ProviderError(Exception):
    """The message names what was wrong; never a secret, a code or a token."""


class ProviderAway(ProviderError):
    """It does not answer, or not with what a provider answers: try again later."""


class Untrusted(ProviderError):
    """It answered, and its word opens nothing."""
