"""Compiled configurations: stored, read again, and which of them was in force when."""
