"""Claims about how bytes travel."""
