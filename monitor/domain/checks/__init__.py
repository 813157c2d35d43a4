"""What checks observe, and what is decided from it."""
