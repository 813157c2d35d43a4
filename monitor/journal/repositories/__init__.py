"""What the journal keeps, one module a subject."""
