"""How messages reach people and machines: for each kind one file and one line in the registry."""
