"""`estado unknown`: what unknown time was, where credits wait for it."""
