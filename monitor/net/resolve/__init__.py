"""Names to addresses, without a thread."""
