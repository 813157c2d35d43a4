"""From a view to published files."""
