"""Faults of the monitor itself, which it reports to its operators."""
