"""Signing in at a provider: one that lies as it is told, and a real one."""
