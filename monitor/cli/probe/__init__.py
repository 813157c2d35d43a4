"""`estado probe`."""
