"""From the result log to a result store."""
