"""`estado incident`."""
