"""The product that a command is about: on this host, or behind a door elsewhere."""
