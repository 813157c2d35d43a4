"""How messages reach people and machines; one file a kind, one line in the registry."""
