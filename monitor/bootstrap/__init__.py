"""Composition roots, one a role; nothing else knows a concrete class."""
