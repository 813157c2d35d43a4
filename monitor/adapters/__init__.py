"""Implementations of the ports on concrete libraries and services."""
