"""The forms of what billing reads."""
