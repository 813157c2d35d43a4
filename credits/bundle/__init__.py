"""A credit with all that it rests on: made, computed again, told as a story."""
