"""Notifiers against real servers on loopback."""
