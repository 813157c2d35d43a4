"""Questions about the past, and their HTTP."""
