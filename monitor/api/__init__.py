"""What people with accounts and programs with tokens do over HTTP: one table of operations."""
