"""Claims about the use cases."""
