"""What customers rent."""
