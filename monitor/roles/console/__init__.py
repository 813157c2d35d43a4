"""The console role: the API for people with accounts and for programs with tokens."""
