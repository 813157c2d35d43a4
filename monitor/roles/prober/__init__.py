"""The prober role."""
