"""Compiled configurations: kept, read again, and which of them was in force when."""
