"""Incidents: each, all of some days, those told of by hand, and how lists show one."""
