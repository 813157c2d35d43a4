"""Configurations that ran, as people and programs read them, and the next one asked for."""
