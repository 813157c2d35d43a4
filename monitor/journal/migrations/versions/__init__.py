"""The steps, oldest first (`schema.REVISIONS` lists them)."""
