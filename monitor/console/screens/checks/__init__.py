"""What is watched: checks, their components, and how long runs took."""
