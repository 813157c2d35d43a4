"""What customers rent, and what they are given back."""
