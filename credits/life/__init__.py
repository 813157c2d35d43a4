"""A credit's life: its states, its steps, and what each of them moves in the ledger. Pure."""
