"""Billing panels: how approved credits get into them, and what is read out of them."""
