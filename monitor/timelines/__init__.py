"""Timelines read out of the journal, and what is left out of them."""
