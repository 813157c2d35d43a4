"""Queries about the past, and their HTTP endpoints."""
