"""The result log: append-only, one writer, many readers."""
