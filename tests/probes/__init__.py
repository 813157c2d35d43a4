"""Claims about the kinds of probe."""
