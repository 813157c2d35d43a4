"""Planned work: announced, on a calendar, and how lists show it."""
