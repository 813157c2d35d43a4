"""`estado credits`: what customers are given back, and the books about it."""
