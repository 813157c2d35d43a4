"""The role that tells subscribers."""
