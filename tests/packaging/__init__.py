"""Claims about what is installed."""
