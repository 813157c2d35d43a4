"""Who may sign in, with which keys, and who did what."""
