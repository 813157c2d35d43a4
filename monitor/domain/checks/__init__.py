"""What checks see, and what is decided of it."""
