"""The published pages: the live ones, and the archive of what is over."""
