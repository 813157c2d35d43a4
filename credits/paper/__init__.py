"""A month's report on paper: for whoever signs it, and for the customer whom a part is about."""
