"""Servers of HTTP, the names that they answer to, and what they answer of themselves."""
