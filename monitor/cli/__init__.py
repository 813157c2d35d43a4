"""The commands of `estado`."""
