"""Contracts as they are stored."""
