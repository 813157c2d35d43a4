"""What one role hands to the core: rows in a file with one writer, read by cursor."""
