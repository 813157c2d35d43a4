"""What system alerts say, one module a language."""
