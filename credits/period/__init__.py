"""What happened in a period, as billing needs it."""
