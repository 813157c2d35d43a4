"""Proof that what is found is what happened, while clock, resolver and processes misbehave."""
