"""Processes: how one sets itself up, what the kernel says of it, and of another."""
