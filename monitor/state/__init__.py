"""What the core holds in memory between ticks."""
