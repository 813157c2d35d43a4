"""Incidents: opened, written and resolved by the machine and by people."""
