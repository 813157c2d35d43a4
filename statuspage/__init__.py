"""The public page and its API."""
