"""Timelines read out of the journal, and what is excluded from them."""
