"""Signing in at an OpenID provider: there, back, and what its word is worth."""
