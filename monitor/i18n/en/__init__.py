"""English, a module a subject."""
