"""The demonstration: servers of its own, broken and mended from outside."""
