"""What a request brings, from whom, and how much of it is let in."""
