"""Messages about money, for operators and for billing."""
