"""`estado config`."""
