"""`estado store`."""
