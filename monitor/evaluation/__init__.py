"""Log rows become fold states, and fold states become decisions."""
