"""Words about money in English."""
