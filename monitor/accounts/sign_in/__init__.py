"""Signing in: by password and code, or by a provider's word, and the limits on tries."""
