"""What a configuration looks like, in the order in which a person thinks of it."""
