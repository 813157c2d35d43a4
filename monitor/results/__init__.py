"""Results: the log that keeps them, their rollups, and the stores they are forwarded to."""
