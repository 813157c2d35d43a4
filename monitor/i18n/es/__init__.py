"""Spanish, a module a subject."""
