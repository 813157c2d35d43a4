"""`estado exclusion`: time that two accounts leave out of the guarantee."""
