"""Unknown time that credits wait for: where it came from, what it was, and deciding about it."""
