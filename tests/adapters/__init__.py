"""Claims about the adapters, each on the real thing."""
