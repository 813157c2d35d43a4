"""`estado journal`."""
