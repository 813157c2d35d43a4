"""Who may what, signing in and out, one's own account, and who did what."""
