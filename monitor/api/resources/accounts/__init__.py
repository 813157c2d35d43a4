"""Accounts and tokens, signing in, one's own account, and who did what."""
