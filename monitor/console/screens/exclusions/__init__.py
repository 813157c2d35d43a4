"""Time that people leave out of the guarantee: what waits, what holds, and deciding about it."""
