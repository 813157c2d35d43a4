"""Clients of the billing panel told of their credits: what is said, and to whom it goes."""
