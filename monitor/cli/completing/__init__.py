"""What a shell completes of a line that somebody types."""
