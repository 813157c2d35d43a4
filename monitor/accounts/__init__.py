"""Who may do what: accounts, their sessions and tokens, and the limits on tries."""
