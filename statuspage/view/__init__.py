"""What the public may see, gathered from the journal."""
