"""What happened in a period, as the bill needs it."""
