"""Words about money in Spanish."""
