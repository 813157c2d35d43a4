"""Seconds, intervals, calendars and clocks."""
