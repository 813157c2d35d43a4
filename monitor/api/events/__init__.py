"""What changed, for whoever follows it: one reading of the journal, a page of it, and streams."""
