"""Credits: what waits for whoever looks, and one with its story and what may be done with it."""
