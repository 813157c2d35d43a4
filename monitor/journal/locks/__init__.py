"""One core per journal."""
